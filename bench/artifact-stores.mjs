// Artifact stores elsewhere, beside the bare SDK doing the same: one object of 512 MiB, and 2,000 small ones.
// Usage: node artifact-stores.mjs [--write] [service …]; RUNS, MIB and COUNT change how much is done.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { here, median, once, report, table } from "./measure.mjs";

const rounds = Number(process.env.RUNS ?? 5);
const mebibytes = Number(process.env.MIB ?? 512);
const count = Number(process.env.COUNT ?? 2000);
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const services = (named.length > 0 ? named : ["s3", "gcs", "azure"]).filter((name) =>
  existsSync(join(here, "artifact-stores", `${name}.mjs`)),
);
const clients = { bare: "bare SDK", tenon: "Tenon" };

// The servers are started by the code that tests start them with, which is TypeScript.
const core = createRequire(new URL("../packages/core/package.json", import.meta.url));
const { tsImport } = await import(pathToFileURL(core.resolve("tsx/esm/api").replace(/cjs$/, "mjs")).href);
const servers = await tsImport("../test-servers/src/index.ts", import.meta.url);

const rows = [];
const leftOut = [];
for (const service of services) {
  const { startServer } = await import(`./artifact-stores/${service}.mjs`);
  const { missing, config, stop } = await startServer(servers);
  if (missing !== undefined) {
    leftOut.push(missing);
    continue;
  }
  try {
    for (const work of ["large", "small"]) rows.push(...(await measure(service, work, config)));
  } finally {
    await stop();
  }
}

async function measure(service, work, config) {
  const samples = { bare: [], tenon: [] };
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first alternates.
    const order = round % 2 === 0 ? ["bare", "tenon"] : ["tenon", "bare"];
    for (const client of order) {
      const task = JSON.stringify({ service, client, work, config, bytes: mebibytes * 2 ** 20, count });
      const command = [process.execPath, "--no-warnings", join(here, "artifact-stores/client.mjs"), task];
      const { output, rssMiB } = await once({ command });
      samples[client].push({ ...JSON.parse(output), rssMiB });
    }
  }
  const amount = work === "large" ? (mebibytes * 2 ** 20) / 1e6 : count;
  const rate = (client, way) => amount / (median(samples[client].map((sample) => sample[way].ms)) / 1000);
  const cpu = (client, way) => median(samples[client].map((sample) => sample[way].cpuMs)) / 1000;
  return ["written", "read"].flatMap((way) =>
    Object.keys(clients).map((client) => [
      `${service}: ${work === "large" ? `${mebibytes} MiB` : `${count} of 1 KiB`} ${way}, ${clients[client]}`,
      rate(client, way),
      rate(client, way) / rate("bare", way),
      cpu(client, way),
      median(samples[client].map((sample) => sample.rssMiB)),
    ]),
  );
}

report(
  "Artifact stores elsewhere",
  `${table([["", "MB/s or objects/s", "of the bare SDK", "client's CPU s", "peak MiB"], ...rows])}

Medians of ${rounds} processes each, taken in turn, against a server on this machine that shares its processors. 32 small objects at once;
parts of 8 MiB, four at once. Targets: 0.85 of the bare SDK for the large object, 0.8 for the small ones.${leftOut.map((line) => `\n\nLeft out: ${line}`).join("")}`,
);
