import type { CommonOptions, Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { withKernel } from "../kernel.js";
import { formatTable } from "../terminal/table.js";
import { usageError } from "../usage-error.js";
import type { DeployOptions } from "./deployments.js";
import { activeStack } from "./stack-actions.js";

/** What is used of the kind `modelDeployer`, which @tenon/ml defines: the command line does not depend on it. */
interface Deployer {
  deploy(request: Request): Promise<Deployment>;
  list(): Promise<readonly Deployment[]>;
  undeploy(name: string): Promise<void>;
  serve?(request: Request): Promise<void>;
}

interface Request {
  readonly model: string;
  readonly version?: string;
  readonly stage?: string;
  readonly name?: string;
}

interface Deployment extends Request {
  readonly name: string;
  readonly status: string;
  readonly url: string;
}

const kind = "modelDeployer";

export async function deployModel(
  invocation: Invocation<DeployOptions>,
  reference: string,
): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const request = { ...parseReference(reference), ...(options.name !== undefined && { name: options.name }) };
  const config = {
    ...(options.port !== undefined && { port: readPort(options.port) }),
    ...(options.host !== undefined && { host: options.host }),
  };
  return withDeployer(invocation, config, async (deployer) => {
    if (options.foreground) {
      if (deployer.serve) await deployer.serve(request);
      else throw usageError("serving in the foreground", "the stack's model deployer cannot do that");
      return undefined;
    }
    const deployment = await deployer.deploy(request);
    if (options.json) terminal.printJson(deployment);
    else {
      const { model, version, url, name } = deployment;
      terminal.print(`${model} version ${version} answers at ${url}`);
      terminal.print(`  curl ${url}/v2/models/${encodeURIComponent(model)}`);
      terminal.note(`End it with tenon model undeploy ${name}.`);
    }
    return undefined;
  });
}

export async function listDeployments(invocation: Invocation): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  return withDeployer(invocation, {}, async (deployer) => {
    const deployments = await deployer.list();
    if (options.json) terminal.printJson(deployments);
    else if (deployments.length === 0) terminal.note("Nothing is served. Begin with tenon model deploy <model>.");
    else terminal.print(formatTable(columns, deployments.map(row), terminal));
    return undefined;
  });
}

export async function undeployModel(invocation: Invocation, name: string): Promise<ExitCode | undefined> {
  return withDeployer(invocation, {}, async (deployer) => {
    await deployer.undeploy(name);
    invocation.terminal.print(`The deployment ${name} has ended.`);
    return undefined;
  });
}

const columns = [
  { title: "DEPLOYMENT" },
  { title: "MODEL" },
  { title: "VERSION", align: "right" },
  { title: "FOLLOWS", rank: 1 },
  { title: "STATUS" },
  { title: "URL" },
] as const;

function row({ name, model, version = "", stage = "", status, url }: Deployment): string[] {
  return [name, model, version, stage, status, status === "serving" ? url : ""];
}

/** The stack's model deployer, or the local one of @tenon/ml. What the command line says comes before the stack's configuration. */
async function withDeployer<T>(
  { options, directory }: Pick<Invocation<CommonOptions>, "options" | "directory">,
  given: Readonly<Record<string, unknown>>,
  use: (deployer: Deployer) => Promise<T>,
): Promise<T> {
  const { componentKind, stack } = await import("@tenon/core");
  return withKernel({ cwd: directory }, async (kernel) => {
    const { config } = kernel.project;
    const name = options.stack ?? activeStack(config);
    // One that there is not is refused: the local deployer would stand in for it.
    await kernel.resolveStack(name, { kinds: [] });
    const { flavor, config: own } = config.stacks?.[name]?.[kind] ?? { flavor: "ml/local", config: {} };
    const reference = { component: true as const, kind, flavor, config: { ...own, ...given } };
    const resolved = await kernel.resolveStack(stack({ name, [kind]: reference }), { kinds: [kind] });
    return use(resolved.component(componentKind<Deployer>(kind)));
  });
}

function parseReference(reference: string): Request {
  const at = reference.lastIndexOf("@");
  if (at <= 0) return { model: reference };
  const model = reference.slice(0, at);
  const which = reference.slice(at + 1);
  if (which === "latest") return { model };
  return which === "production" || which === "staging" ? { model, stage: which } : { model, version: which };
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw usageError("reading the option --port", `'${text}' is no port`, "Write a number from 0 to 65535.");
}
