// Overhead a step: a chain of 200, the same again from the cache, a fan-out, and 5,000 steps; beside a floor and peers.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare, here, once, report, table } from "./measure.mjs";
import { makeProject, setAside } from "./project.mjs";

const runs = Number(process.env.RUNS ?? 5);
const node = process.execPath;
const steps = 200;
const branches = 500;
const project = makeProject({ "pipelines.mjs": readFileSync(join(here, "chain/pipelines.mjs"), "utf8") });
const peers = mkdtempSync(join(tmpdir(), "tenon-bench-peers-"));

const tenon = (shape, count) => ({ command: [node, "pipelines.mjs", shape, String(count)], cwd: project.directory });
const peer = (name, shape, count) => {
  const directory = join(peers, `${name}-${shape}`);
  return {
    command: [node, join(here, `chain/${name}.mjs`), directory, String(count), shape],
    before: () => setAside(directory, join(peers, "aside")),
  };
};
const inner = (result) => JSON.parse(result.output.trim().split("\n").at(-1)).innerMs;
const perStep = (result, count) => inner(result) / count;

try {
  const chain = await compare(
    {
      floor: peer("floor", "chain", steps),
      Tenon: { ...tenon("chain", steps), before: project.forget },
      "LangGraph with SqliteSaver": peer("langgraph", "chain", steps),
      "Mastra with LibSQL": peer("mastra", "chain", steps),
    },
    { runs },
  );
  report(
    "A chain of 200 steps",
    `${table([
      ["tool", "whole process s", "ms a step inside", "over the floor", "peak MiB"],
      ...Object.entries(chain).map(([name, one]) => [
        name,
        one.wallMs / 1000,
        perStep(one, steps),
        inner(one) / inner(chain.floor),
        one.rssMiB,
      ]),
    ])}

Every step takes and gives a small JSON value that is digested, stored and recorded. Medians of ${runs} processes, taken in turn, each from
an empty state. Target: 0.8 ms a step, ahead of both peers.`,
  );

  await once(tenon("chain", steps));
  await once({ ...peer("floor", "chain", steps), before: undefined });
  const turbo = turborepo(steps);
  const again = await compare(
    {
      "bare Node": { command: [node, "-e", "0"] },
      floor: { ...peer("floor", "chain", steps), before: undefined },
      Tenon: tenon("chain", steps),
      Turborepo: turbo,
    },
    { runs },
  );
  report(
    "The same chain again, all cached",
    `${table([
      ["tool", "whole process s", "ms a step inside"],
      ...Object.entries(again).map(([name, one]) => [
        name,
        one.wallMs / 1000,
        one.output.includes("innerMs") ? perStep(one, steps) : Number.NaN,
      ]),
    ])}

Medians of ${runs}. Target: 0.25 ms a step after start-up, 0.25 s for the whole process. Turborepo runs 200 cached tasks of 200 packages.`,
  );

  const fan = await compare(
    {
      floor: peer("floor", "fan", branches),
      "Tenon, 500 steps": { ...tenon("fan", branches), before: project.forget },
      "Tenon, one map over 500 elements": { ...tenon("mapped", branches), before: project.forget },
      "LangGraph with SqliteSaver": peer("langgraph", "fan", branches),
      "Mastra with LibSQL": peer("mastra", "fan", branches),
    },
    { runs },
  );
  report(
    "Fan-out, 1 to 500 to 1",
    `${table([
      ["tool", "whole process s", "ms a step inside", "peak MiB"],
      ...Object.entries(fan).map(([name, one]) => [name, one.wallMs / 1000, perStep(one, branches + 2), one.rssMiB]),
    ])}

Target: no worse a step than the chain, memory linear.`,
  );

  const lengths = [];
  for (const count of [500, 1000, 2500, 5000]) {
    project.forget();
    const compiled = await once(tenon("compile", count));
    const first = await once(tenon("chain", count));
    const cached = await once(tenon("chain", count));
    lengths.push([
      count,
      inner(compiled),
      inner(compiled) / count,
      inner(first) / 1000,
      perStep(first, count),
      perStep(cached, count),
      first.rssMiB,
    ]);
  }
  report(
    "Long chains",
    `${table([["steps", "compile ms", "compile ms a step", "run s", "run ms a step", "cached ms a step", "peak MiB"], ...lengths])}

One process each. Target: linear in the steps.`,
  );
} finally {
  project.remove();
  rmSync(peers, { recursive: true, force: true });
}

/** 200 packages in a chain, one task each, run once so that all is cached. */
function turborepo(count) {
  const directory = join(peers, "turbo");
  mkdirSync(directory);
  const put = (name, value) => {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), typeof value === "string" ? value : JSON.stringify(value));
  };
  put("package.json", { name: "chain", private: true, packageManager: "npm@11.0.0", workspaces: ["packages/*"] });
  put("turbo.json", { tasks: { next: { dependsOn: ["^next"], outputs: ["out.json"] } } });
  for (let i = 0; i < count; i++) {
    put(`packages/s${i}/package.json`, {
      name: `s${i}`,
      version: "1.0.0",
      scripts: { next: `echo {} > out.json` },
      dependencies: i ? { [`s${i - 1}`]: "1.0.0" } : {},
    });
  }
  spawnSync("npm", ["install", "--package-lock-only", "--ignore-scripts"], { cwd: directory });
  spawnSync("git", ["init", "--quiet"], { cwd: directory });
  const command = [join(here, "node_modules/.bin/turbo"), "run", "next", "--no-daemon", "--output-logs=none"];
  const env = { TURBO_TELEMETRY_DISABLED: "1", NODE_OPTIONS: "" };
  const first = spawnSync(command[0], command.slice(1), { cwd: directory, env: { ...process.env, ...env } });
  if (first.status !== 0 || !existsSync(join(directory, "packages/s1/out.json"))) {
    throw new Error(`turbo failed: ${first.stdout} ${first.stderr}`);
  }
  return { command, cwd: directory, env };
}
