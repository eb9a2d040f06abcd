// Requests a second and their slowest hundredth: a served model beside a bare node:http handler that does the same inference.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { here, median, report, table } from "./measure.mjs";
import { makeProject } from "./project.mjs";

const rounds = Number(process.env.RUNS ?? 7);
const secondsEach = Number(process.env.SECONDS_EACH ?? 2);
const connections = 16;

const programs = ["pipeline.mjs", "bare.mjs"].map((name) => [name, readFileSync(join(here, "serving", name), "utf8")]);
const project = makeProject(Object.fromEntries(programs), ["ml"]);
const { directory } = project;

// What is imported here has to be the copies that the project has.
const { run } = await import(join(here, "../packages/core/dist/index.js"));
const { birds, rows } = await import(join(directory, "pipeline.mjs"));
await run(birds, { directory });

const task = { id: "bench", request: { model: "birds" }, directory, stack: "local" };
const servers = {
  "a served model": fork(join(here, "../packages/ml/dist/serve.js"), [JSON.stringify(task)], { silent: true }),
  "bare node:http": fork(join(directory, "bare.mjs"), [directory], { cwd: directory }),
};
const urls = {};
for (const [name, child] of Object.entries(servers)) [urls[name]] = await once(child, "message");

const lines = [];
const columns = ({ species: _, ...row }) => row;
try {
  for (const size of [1, 100]) {
    const body = JSON.stringify({ instances: rows.slice(0, size).map(columns) });
    const samples = Object.fromEntries(Object.keys(urls).map((name) => [name, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const [name, { url }] of Object.entries(urls)) {
        const before = processorSeconds(servers[name].pid);
        const found = await load(`${url}/v1/models/birds:predict`, body);
        found.cpu = ((processorSeconds(servers[name].pid) - before) / found.requests) * 1e6;
        // The first round warms up.
        if (round > 0) samples[name].push(found);
      }
    }
    const [served, bare] = Object.values(samples);
    const middle = (all, name) => median(all.map((one) => one[name]));
    for (const [name, all] of Object.entries(samples)) {
      lines.push([size, name, middle(all, "rate"), middle(all, "p99"), middle(all, "cpu")]);
    }
    const ratio = (name) => median(served.map((one, at) => one[name] / bare[at][name])).toFixed(2);
    lines.push([size, "ratio", ratio("rate"), ratio("p99"), ratio("cpu")]);
  }
  report(
    "Serving",
    `${table([["rows a request", "", "requests/s", "p99 ms", "µs of CPU a request"], ...lines])}

${connections} connections that each ask again once they are answered, medians of ${rounds} rounds of ${secondsEach} s in turn. A linear model
of four raw columns; the bare handler reads, transforms, predicts and writes the same, and does nothing else.`,
  );
} finally {
  for (const child of Object.values(servers)) child.kill("SIGTERM");
  await Promise.all(Object.values(servers).map((child) => once(child, "exit")));
  project.remove();
}

/** What a process has used so far; in steps of 10 ms. Linux only. */
function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Asks as fast as the connections allow, each once its former answer is there. */
async function load(url, body) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times = [];
  const started = performance.now();
  const end = started + secondsEach * 1000;
  const worker = async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      const status = await ask(url, body, agent);
      if (status !== 200) throw new Error(`${url} answered ${status}`);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  return { requests: times.length, rate: times.length / seconds, p99: times[Math.floor(times.length * 0.99)] };
}

function ask(url, body, agent) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sending = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
      response.on("error", reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}
