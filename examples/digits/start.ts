import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Client, run } from "@tenon/core";
import type { Row, Rows } from "@tenon/ml";
import { digits } from "./pipeline.js";
import { ask, draw } from "./src/ask.js";
import { images } from "./src/data.js";

/** The command line: what this program does here can be done by hand. */
async function tenon(...argv: string[]): Promise<string> {
  return (await promisify(execFile)("tenon", argv)).stdout;
}

const snapshot = await images.commit();
console.log(`datasource digits, version ${snapshot.version}${snapshot.changed ? "" : ", unchanged"}`);

console.log("running the pipeline …");
const { outputs, steps } = await run(digits);
const cached = steps.filter(({ status }) => status === "cached").length;
const { metrics } = await outputs.evaluation.load();
const { version, stage } = await outputs.registration.load();
const accuracy = "accuracy" in metrics ? metrics.accuracy : Number.NaN;
console.log(`accuracy ${(accuracy * 100).toFixed(1)} % on digits that it has not seen; ${cached} steps were cached`);
console.log(`model digits, version ${version}${stage ? `, now in ${stage}` : ""}`);

const deployment = JSON.parse(await tenon("model", "deploy", "digits@production", "--json")) as { url: string };
try {
  const client = new Client();
  const test = await client.pipeline(digits).runs.latest();
  const rows = (await test.step("split").output("test").load()) as Rows;
  await client.close();
  const some = [17, 420, 871].map((at) => rows[at] as Row);
  const answers = await ask(deployment.url, some);
  console.log(`asked over HTTP, at ${deployment.url}:`);
  for (const [at, row] of some.entries()) console.log(`\n${draw(row)}\n→ ${answers[at]}`);
} finally {
  await tenon("model", "undeploy", "digits");
}
