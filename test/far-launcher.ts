import type { Project } from "./project.js";

/** Makes the integration `far` one of a project's. */
export function installFarLauncher(project: Project): void {
  const { manifest, files } = farLauncher();
  project.install(farName, manifest, files);
}

export const farName = "tenon-integration-far";

/**
 * An integration whose launcher starts each attempt as a process with nothing in its environment but what core says, and
 * takes the project's directory away while they run. What its processes say ends up in the file that FAR_LOG names.
 */
export const farLauncher = () => ({
  manifest: {
    main: "index.js",
    peerDependencies: { "@tenon/core": "^1.0.0", zod: "^4.0.0" },
    tenon: { api: "^1.0.0", integration: "far", contributes: { orchestrator: ["far"] } },
  },
  files: { "index.js": definition, "launcher.js": launcher },
});

const definition = `
import { codeSettingHint, defineIntegration, defineOrchestrator, isCodeSetting } from "@tenon/core";
import { z } from "zod";
export const far = defineOrchestrator({
  flavor: "far",
  config: z.strictObject({
    code: z.custom(isCodeSetting, codeSettingHint),
    environment: z.record(z.string(), z.string()).default({}),
    away: z.boolean().default(true),
    tamper: z.strictObject({ file: z.string(), text: z.string() }).optional(),
  }),
  load: () => import("./launcher.js"),
});
export default defineIntegration({ name: "far", components: [far] });
`;

const launcher = `
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, renameSync, rmSync } from "node:fs";

export const create = ({ config, project }) => new FarLauncher(config, project.root);

class FarLauncher {
  capabilities = { parallel: 2, remote: true, schedule: false, resources: { cpu: 2 } };
  #jobs = new Map();
  constructor(config, root) {
    this.code = config.code;
    this.config = config;
    this.root = root;
  }
  #away() {
    const { tamper } = this.config;
    if (tamper) appendFileSync(this.root + "/" + tamper.file, tamper.text);
    if (!this.config.away || existsSync(this.root + ".away")) return;
    renameSync(this.root, this.root + ".away");
  }
  async launch(attempts) {
    this.#away();
    return attempts.map((attempt) => {
      const { command, environment, directory } = attempt.process;
      const cwd = existsSync(directory) ? directory : "/";
      const env = { ...environment, ...this.config.environment };
      const child = spawn(command[0], command.slice(1), { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
      const job = { child, exit: undefined, text: "" };
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => { job.text += text; });
      child.on("close", (code) => {
        if (process.env.FAR_LOG) appendFileSync(process.env.FAR_LOG, JSON.stringify({ id: attempt.id, code, text: job.text }) + "\\n");
        job.exit = code === 0 || code === 10 ? { kind: "ended" } : { kind: "crashed", reason: "exit code " + code + ": " + job.text, retry: code === 11 };
      });
      this.#jobs.set(attempt.id, job);
      return attempt.id;
    });
  }
  async poll(ids) {
    return ids.map((id) => {
      const { exit, child } = this.#jobs.get(id);
      return exit ? { state: "exited", exit } : { state: "running", job: String(child.pid) };
    });
  }
  async cancel(ids) {
    for (const id of ids) this.#jobs.get(id).child.kill("SIGTERM");
  }
  async *logs() {}
  dispose() {
    if (!existsSync(this.root + ".away")) return;
    rmSync(this.root, { recursive: true, force: true });
    renameSync(this.root + ".away", this.root);
  }
}
`;
