// node run.mjs COUNT: the pipeline on the stack of tenon.yaml; prints when its parts were over.
import { run } from "@tenon/core";
import { seconds } from "./pipelines.mjs";

const begun = performance.now();
const { status } = await run(seconds(Number(process.argv[2])), { stack: "cluster" });
console.log(JSON.stringify({ status, innerMs: performance.now() - begun }));
