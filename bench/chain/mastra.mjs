// Usage: mastra.mjs <directory> <steps> [fan]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Mastra } from "@mastra/core/mastra";
import { createStep, createWorkflow } from "@mastra/core/workflows";
import { LibSQLStore } from "@mastra/libsql";
import { z } from "zod";

const [directory, steps, shape] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
mkdirSync(directory, { recursive: true });
const schema = z.object({ n: z.number() });
const next = (id) =>
  createStep({
    id,
    inputSchema: schema,
    outputSchema: schema,
    execute: async ({ inputData }) => ({ n: inputData.n + 1 }),
  });
let workflow = createWorkflow({ id: "chain", inputSchema: schema, outputSchema: schema });
if (shape === "fan") {
  workflow = workflow.then(next("first")).parallel(Array.from({ length: steps }, (_, i) => next(`s${i}`)));
  workflow = workflow.then(
    createStep({
      id: "last",
      inputSchema: z.any(),
      outputSchema: schema,
      execute: async ({ inputData }) => ({ n: Object.keys(inputData).length }),
    }),
  );
} else {
  for (let i = 0; i < steps; i++) workflow = workflow.then(next(`s${i}`));
}
workflow.commit();
const storage = new LibSQLStore({ id: "store", url: `file:${join(directory, "state.sqlite")}` });
const mastra = new Mastra({ workflows: { chain: workflow }, storage, logger: false });
const started = performance.now();
const run = await mastra.getWorkflow("chain").createRunAsync();
const result = await run.start({ inputData: { n: 0 } });
if (result.status !== "success") throw new Error(JSON.stringify(result).slice(0, 500));
console.log(JSON.stringify({ innerMs: performance.now() - started, n: result.result.n }));
process.exit(0);
