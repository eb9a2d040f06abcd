// Runs the penguins example from an empty state, as a user would, and says what to do next.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const example = fileURLToPath(new URL("../examples/penguins", import.meta.url));
for (const place of [".tenon", "pipelines"]) rmSync(join(example, place), { recursive: true, force: true });

const { status } = spawnSync(
  process.execPath,
  [join(example, "node_modules/tenon/bin/tenon.js"), "run", "pipeline.ts"],
  {
    cwd: example,
    stdio: "inherit",
  },
);
if (status !== 0) process.exit(status ?? 1);

console.log(`
That was ${relative(process.cwd(), example) || "."}/pipeline.ts. Go on from here:

  cd ${relative(process.cwd(), example) || "."}
  npx tenon run                                        # again: everything is cached
  npx tenon run --param fit.epochs=500                 # runs only what depends on it
  npx tenon run show                                   # the steps, parameters and artifacts of the last run
  npx tenon artifact load penguins.evaluate.evaluation # accuracy, per species, island and sex
  npx tenon artifact load penguins.evaluate.report --output report.html

docs/getting-started.md begins a project of your own.`);
