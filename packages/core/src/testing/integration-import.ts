import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readPackageJson } from "../kernel/installed-package.js";
import type { IntegrationSubject } from "./integration-subject.js";
import type { ConformanceCase } from "./kit.js";

const mostFiles = 20;
const patienceMs = 20_000;

export const importCases: readonly ConformanceCase<IntegrationSubject>[] = [
  {
    name: "importing it loads none of the packages that its components require",
    async run(subject) {
      const { components, materializers } = await subject.integration();
      const required = [...components, ...materializers].flatMap(({ requires = [] }) => requires);
      const loaded = packagesOf(await modulesLoadedBy(subject));
      assert.deepEqual(
        [...new Set(required)].filter((name) => loaded.has(name)),
        [],
      );
    },
  },
  {
    name: "importing it loads no package but those that it cannot do without",
    async run(subject) {
      const { name = "", peerDependencies = {}, peerDependenciesMeta = {} } = subject.packageJson;
      const allowed = Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional !== true);
      const loaded = packagesOf(await modulesLoadedBy(subject));
      // What the core itself loads is the core's affair.
      const brought = allowed.includes("@tenon/core") ? [...allowed, "@tenon/core", name] : [...allowed, name];
      assert.deepEqual(
        [...loaded].filter((one) => !brought.includes(one)),
        [],
      );
    },
  },
  {
    name: `importing it loads at most ${mostFiles} files of its own`,
    async run(subject) {
      const own = (await modulesLoadedBy(subject)).filter((path) => path.startsWith(subject.directory));
      assert.ok(own.length <= mostFiles, `it loads ${own.length}: bundle them, or load some on demand`);
    },
  },
  {
    name: "importing it prints nothing and leaves nothing running",
    async run(subject) {
      const { printed, running } = await importInChild(subject);
      assert.equal(printed, "");
      assert.deepEqual(running, []);
    },
  },
];

async function modulesLoadedBy(subject: IntegrationSubject): Promise<readonly string[]> {
  return (await importInChild(subject)).modules;
}

/**
 * Two hooks see everything: ES modules through the loader, what they `require` through the cache. Where Node has hooks of the
 * same thread they are used: the others are deprecated there, and say so.
 */
const loader = `
let port;
export function initialize(data) { port = data.port; }
export async function load(url, context, next) { port.postMessage(url); return next(url, context); }
`;
const program = `
import module, { createRequire } from "node:module";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
const urls = [];
const { port1, port2 } = new MessageChannel();
if (module.registerHooks) module.registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
else module.register("data:text/javascript," + encodeURIComponent(process.env.TENON_LOADER), { data: { port: port2 }, transferList: [port2] });
port1.unref();
const resources = () => process.getActiveResourcesInfo().filter((name) => !name.includes("Req")).sort();
const before = resources();
await import(process.env.TENON_MODULE);
const running = resources();
for (const name of before) if (running.includes(name)) running.splice(running.indexOf(name), 1);
for (let next = receiveMessageOnPort(port1); next !== undefined; next = receiveMessageOnPort(port1)) urls.push(next.message);
const files = Object.keys(createRequire(import.meta.url).cache);
process.send({ urls, files, running }, () => process.exit());
`;

interface Imported {
  readonly modules: readonly string[];
  readonly printed: string;
  /** What would keep the process from ending: timers, sockets, children. */
  readonly running: readonly string[];
}

const known = new Map<string, Promise<Imported>>();

/** Once a package: several cases ask about the same import. */
function importInChild(subject: IntegrationSubject): Promise<Imported> {
  const imported = known.get(subject.directory) ?? startChild(subject);
  known.set(subject.directory, imported);
  return imported;
}

async function startChild(subject: IntegrationSubject): Promise<Imported> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: subject.directory,
    env: {
      ...process.env,
      NODE_OPTIONS: "",
      TENON_LOADER: loader,
      TENON_MODULE: pathToFileURL(subject.mainModule).href,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece) => (printed += String(piece)));
  let answer: { urls: readonly string[]; files: readonly string[]; running: readonly string[] } | undefined;
  child.on("message", (message) => {
    answer = message as typeof answer;
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, patienceMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearTimeout(timer);
  assert.ok(!late, `the process that imported it did not end within ${patienceMs / 1000} s`);
  assert.equal(code, 0, `importing it fails: ${printed}`);
  const paths = (answer?.urls ?? []).filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
  return { modules: [...new Set([...paths, ...(answer?.files ?? [])])], printed, running: answer?.running ?? [] };
}

function packagesOf(modules: readonly string[]): Set<string> {
  return new Set(modules.map((path) => packageOf(dirname(path))).filter((name) => name !== undefined));
}

function packageOf(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    try {
      const { name } = readPackageJson(at);
      if (name !== undefined) return name;
    } catch {
      // Not the package's own directory; look above it.
    }
    if (dirname(at) === at) return undefined;
  }
}
