import { TenonError } from "@tenon/core";
import { type ServeTask, type ServeTold, serveUntilTold, textOf } from "./deployment/serve.js";

/** The process that a local deployer starts: it serves one model until it is told to end. */
async function main(task: ServeTask): Promise<void> {
  const tell = (told: ServeTold) => void process.send?.(told);
  try {
    await serveUntilTold(task, tell);
  } catch (error) {
    console.log(textOf(error));
    const { code, doing, found, fix } = error as TenonError;
    tell({
      failed: TenonError.is(error)
        ? { code, doing, found, ...(fix !== undefined && { fix }) }
        : { found: textOf(error) },
    });
    process.exitCode = 1;
  }
}

await main(JSON.parse(process.argv[2] ?? "") as ServeTask);
process.exit();
