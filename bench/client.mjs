// Coming back to a long history: pages of runs and of artifacts, and lineage, over 100,000 recorded runs.

import { join } from "node:path";
import { Client } from "../packages/core/dist/index.js";
import { openLedger } from "../packages/core/dist/internal.js";
import { sqlite } from "../packages/plugin-local/dist/index.js";
import { median, report, table } from "./measure.mjs";
import { makeProject } from "./project.mjs";

const runs = Number(process.env.HISTORY ?? 100_000);
/** Each run goes on from the model of the run before, in chains of so many. */
const chain = 100;
const pipelines = 20;
const project = makeProject();
const state = join(project.directory, ".tenon");

const runId = (number) => `01JD${String(number).padStart(22, "0")}`;
const id = ({ name, version }) => `${name}@${version}`;
const now = new Date().toISOString();
const times = { started: now, ended: now, durationMs: 1 };

function artifact(name, number) {
  const digest = `sha256:${String(number).padStart(8, "0")}${"0123456789abcdef".repeat(4).slice(8)}`;
  const location = `artifacts/${name}/${runId(number)}`;
  const stored = {
    type: "json",
    materializer: "core:json",
    format: "json",
    location,
    uri: `file:///${location}`,
    size: 1234,
  };
  return { name, ...stored, digest, metadata: { accuracy: number / runs }, tags: [], visualizations: [] };
}

async function oneRun(ledger, number, rows, before) {
  const runOf = { id: runId(number), pipeline: `pipeline_${number % pipelines}`, plan: "sha256:plan", created: now };
  const rest = { stack: { name: "local", components: {} }, user: "ada", host: "here", parameterOrigins: {} };
  await ledger.startRun({ ...runOf, ...rest, tags: [], versions: { core: "1.0.0", node: "20" } }, "here:1");
  const commit = async (stepId, inputs) => {
    const taken = inputs.map((one) => ({ artifact: id(one), digest: one.digest }));
    const step = { runId: runOf.id, stepId, status: "succeeded", attempt: 1, ...times, metadata: {} };
    const result = await ledger.commitStep({
      step: { ...step, inputs: { given: { list: taken } } },
      attemptEnd: { outcome: "committed", ended: now, durationMs: 1 },
      artifacts: { output: artifact(`${runOf.pipeline}.${stepId}`, number) },
    });
    return result.artifacts.output;
  };
  await ledger.holds.take(runOf.id, before ? [rows, before] : [rows]);
  const features = await commit("features", number % 100 === 0 ? [rows] : []);
  const model = await commit("fit", before ? [features, before] : [features]);
  const status = number % 50 === 0 ? "failed" : "succeeded";
  await ledger.endSession(runOf.id, 1, { status, ended: now, durationMs: 2 });
  return model;
}

async function fill() {
  const { create } = await sqlite.load();
  const store = await create({
    config: {},
    project: { name: "bench", root: project.directory, stateDirectory: state },
  });
  const ledger = await openLedger(store, { project: "bench" });
  const rows = await ledger.addArtifact(artifact("rows", 0));
  // Chains side by side, so that what they write is written together.
  const chains = Array.from({ length: runs / chain }, (_, place) => place);
  const work = async () => {
    for (let place = chains.pop(); place !== undefined; place = chains.pop()) {
      let before;
      for (let step = 1; step <= chain; step++) before = await oneRun(ledger, place * chain + step, rows, before);
    }
  };
  await Promise.all(Array.from({ length: 50 }, work));
  await store.dispose();
}

async function timed(count, operation) {
  const all = [];
  let result;
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    result = await operation(index);
    all.push(performance.now() - started);
  }
  return { ms: median(all), first: all[0], result };
}

try {
  const started = performance.now();
  await fill();
  console.error(`${runs} runs were recorded in ${Math.round((performance.now() - started) / 1000)} s`);
  const client = new Client({ directory: project.directory });
  const page = (query) => (index) => client.runs.list(query).page({ limit: 50, after: runId(runs - index * 997) });
  const rounds = 50;
  const pages = {
    "of all runs": await timed(rounds, page({})),
    "of one pipeline": await timed(rounds, page({ pipeline: "pipeline_7" })),
    "of those that failed": await timed(rounds, page({ status: "failed" })),
    "of those that took one artifact": await timed(rounds, page({ artifact: "rows@1" })),
    "of artifacts with their latest versions": await timed(rounds, () => client.artifacts.list().page()),
    "of versions of one artifact": await timed(rounds, () => client.artifacts.versions("pipeline_7.fit").page()),
  };
  const newest = (await client.runs.get(runId(runs - (runs % chain)))).step("fit").outputs.output;
  const model = await newest.artifact();
  const lineages = {
    "upstream through a chain of runs": await timed(5, () => client.lineage(model, { direction: "upstream" })),
    "one step up": await timed(20, () => client.lineage(model, { direction: "upstream", depth: 1 })),
    "downstream of what every 100th run took": await timed(3, () =>
      client.lineage("rows", { direction: "downstream", depth: 1 }),
    ),
  };
  await client.close();
  report(
    "Client",
    `Over ${runs.toLocaleString("en")} recorded runs of two steps each, in SQLite.

${table([
  ["a page of 50", "median ms", "first ms"],
  ...Object.entries(pages).map(([name, { ms, first }]) => [name, ms, first]),
])}

${table([
  ["lineage", "edges", "median ms", "ms an edge", "first ms"],
  ...Object.entries(lineages).map(([name, { ms, first, result }]) => {
    return [name, result.edges.length, ms, ms / result.edges.length, first];
  }),
])}`,
  );
} finally {
  project.remove();
}
