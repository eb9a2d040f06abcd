// 200 independent steps of a second each on 4 nodes of 2 processors, beside the same 200 commands given to bare sbatch.
// A bare command starts Node, imports the modules that a step's process imports, and waits a second.
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { here, median, once, report, table } from "./measure.mjs";
import { makeProject } from "./project.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const core = createRequire(join(root, "packages/core/package.json"));
const { tsImport } = await import(pathToFileURL(core.resolve("tsx/esm/api").replace(/cjs$/, "mjs")).href);
const { slurm } = await tsImport("../test-servers/src/slurm.ts", import.meta.url);

const steps = Number(process.env.STEPS ?? 200);
const runs = Number(process.env.RUNS ?? 3);
const execute = promisify(execFile);
const programs = ["sbatch", "squeue", "scancel", "sinfo", "sacct"];
const text = (name) => readFileSync(join(here, "slurm", name), "utf8");

if (!slurm.installed()) {
  console.log(`Left out: ${slurm.name} is not installed. ${slurm.install}`);
  process.exit(0);
}
const project = makeProject({ "pipelines.mjs": text("pipelines.mjs"), "run.mjs": text("run.mjs") });
const at = (...names) => join(project.directory, ...names);
symlinkSync(join(root, "packages/plugin-slurm"), at("node_modules/@tenon/plugin-slurm"), "dir");
const manifest = JSON.parse(readFileSync(at("package.json"), "utf8"));
manifest.dependencies["@tenon/plugin-slurm"] = "*";
writeFileSync(at("package.json"), JSON.stringify(manifest));
const cluster = await slurm.start({ nodes: 4, processors: 2 });
Object.assign(process.env, cluster.environment);

/** What a run asks of Slurm is counted by programs of the same names. */
mkdirSync(at("bin"));
for (const program of programs) {
  const call = `PATH='${process.env.PATH}' ${program} "$@"`;
  const note = `echo "${program} $(($(date +%s%N) - begun))" >> ${at("calls")}`;
  writeFileSync(at("bin", program), `#!/bin/sh\nbegun=$(date +%s%N)\n${call}\ncode=$?\n${note}\nexit $code\n`);
  chmodSync(at("bin", program), 0o755);
}

function configure(setup) {
  const orchestrator = { flavor: "slurm/slurm", ...(setup && { setup }) };
  const stores = { artifactStore: { flavor: "local/filesystem" }, metadataStore: { flavor: "local/sqlite" } };
  writeFileSync(
    at("tenon.yaml"),
    JSON.stringify({ project: "bench", stacks: { cluster: { orchestrator, ...stores } } }),
  );
}

/** The command of a bare job. */
async function bareCommand() {
  const list = at("modules");
  const hook = pathToFileURL(join(here, "slurm/record-modules.mjs")).href;
  configure([`export BENCH_MODULES=${list}`, `export NODE_OPTIONS=--import=${hook}`]);
  await once({ command: [process.execPath, "run.mjs", "1"], cwd: project.directory });
  const modules = [...new Set(readFileSync(list, "utf8").split("\n"))].filter(
    (url) => url !== "" && !url.endsWith("/worker.js") && !url.endsWith("record-modules.mjs"),
  );
  const imports = modules.map((url) => `await import(${JSON.stringify(url)});`);
  writeFileSync(at("bare.mjs"), `${imports.join("\n")}\nsetTimeout(() => {}, 1000);\n`);
  configure();
  return modules.length;
}

async function bare() {
  const begun = performance.now();
  for (let index = 0; index < steps; index++) {
    await execute("sbatch", ["--output=/dev/null", `--wrap=exec ${process.execPath} ${at("bare.mjs")}`]);
  }
  const submitMs = performance.now() - begun;
  for (let left = "x"; left !== ""; await setTimeout(100)) {
    left = (await execute("squeue", ["--noheader", "--states=PENDING,RUNNING,COMPLETING"])).stdout.trim();
  }
  return { wallMs: performance.now() - begun, submitMs, calls: steps };
}

async function tenon() {
  project.forget();
  writeFileSync(at("calls"), "");
  const env = { PATH: `${at("bin")}:${process.env.PATH}` };
  const { wallMs } = await once({ command: [process.execPath, "run.mjs", String(steps)], cwd: project.directory, env });
  const calls = readFileSync(at("calls"), "utf8").trim().split("\n");
  const submits = calls.filter((line) => line.startsWith("sbatch"));
  const submitMs = submits.reduce((sum, line) => sum + Number(line.split(" ")[1]) / 1e6, 0);
  return { wallMs, submitMs, calls: calls.length };
}

try {
  const modules = await bareCommand();
  const samples = { "bare sbatch": [], Tenon: [] };
  for (let round = 0; round < runs; round++) {
    samples["bare sbatch"].push(await bare());
    samples.Tenon.push(await tenon());
  }
  const of = (name, field) => median(samples[name].map((one) => one[field]));
  const wall = of("bare sbatch", "wallMs");
  report(
    `${steps} steps of a second on Slurm`,
    `${table([
      ["", "wall s", "of bare", "submission s", "calls of Slurm a step"],
      ...Object.keys(samples).map((name) => [
        name,
        of(name, "wallMs") / 1000,
        of(name, "wallMs") / wall,
        of(name, "submitMs") / 1000,
        of(name, "calls") / steps,
      ]),
    ])}

Four virtual nodes of two processors each, on one machine. A bare command starts Node, imports the same ${modules} modules as a step's process, and
waits a second; it records nothing. Its calls are those that submit. Medians of ${runs} rounds, taken in turn.`,
  );
} finally {
  await cluster.stop();
  project.remove();
}
