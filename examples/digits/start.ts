import { run } from "@tenon/core";
import { digits } from "./pipeline.js";
import { images } from "./src/data.js";

const { version, changed } = await images.commit();
console.log(`digits, version ${version}${changed ? "" : " (unchanged)"}`);
const { outputs } = await run(digits);
console.log((await outputs.evaluation.load()).metrics);
