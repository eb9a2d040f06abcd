// Usage: langgraph.mjs <directory> <steps> [fan]

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";

const [directory, steps, shape] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
mkdirSync(directory, { recursive: true });
const State = Annotation.Root({ n: Annotation({ reducer: shape === "fan" ? (a, b) => (a ?? 0) + b : (_, b) => b }) });
let graph = new StateGraph(State);
if (shape === "fan") {
  graph = graph
    .addNode("first", () => ({ n: 1 }))
    .addNode("last", () => ({ n: 0 }))
    .addEdge(START, "first");
  for (let i = 0; i < steps; i++) graph = graph.addNode(`s${i}`, () => ({ n: 1 })).addEdge("first", `s${i}`);
  graph = graph
    .addEdge(
      Array.from({ length: steps }, (_, i) => `s${i}`),
      "last",
    )
    .addEdge("last", END);
} else {
  for (let i = 0; i < steps; i++) graph = graph.addNode(`s${i}`, ({ n }) => ({ n: n + 1 }));
  graph = graph.addEdge(START, "s0");
  for (let i = 1; i < steps; i++) graph = graph.addEdge(`s${i - 1}`, `s${i}`);
  graph = graph.addEdge(`s${steps - 1}`, END);
}
const app = graph.compile({ checkpointer: SqliteSaver.fromConnString(join(directory, "state.sqlite")) });
const started = performance.now();
const result = await app.invoke({ n: 0 }, { configurable: { thread_id: "1" }, recursionLimit: steps + 10 });
console.log(JSON.stringify({ innerMs: performance.now() - started, n: result.n }));
