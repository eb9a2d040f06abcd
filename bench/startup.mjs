// What starting costs in CPU time, over a bare Node process.
import { join } from "node:path";
import { compare, here, report, table } from "./measure.mjs";
import { makeProject } from "./project.mjs";

const project = makeProject({
  "empty.mjs": "",
  "core.mjs": 'import "@tenon/core";',
  "tensorflow.mjs": `import "@tenon/core"; import ${JSON.stringify(new URL("../packages/plugin-tensorflow/dist/index.js", import.meta.url).href)};`,
  "author.mjs":
    'import { pipeline, step } from "@tenon/core"; import { z } from "zod"; z.object({}); void [pipeline, step];',
  "many.mjs": `import { pipeline, step, run } from "@tenon/core"; import { z } from "zod";
const one = step({ name: "one", output: z.object({ n: z.number() }), cache: false, run: () => ({ n: 1 }) });
export const many = pipeline("many", () => ({ n: one() }));
for (let i = 0; i < 1000; i++) await run(many);`,
});

try {
  const node = process.execPath;
  const cwd = project.directory;
  const runs = 15;
  console.error("recording 1,000 runs …");
  const { once } = await import("./measure.mjs");
  const recording = await once({ command: [node, "many.mjs"], cwd });
  const result = await compare(
    {
      "bare Node": { command: [node, "empty.mjs"], cwd },
      'import "@tenon/core"': { command: [node, "core.mjs"], cwd },
      "the same and @tenon/plugin-tensorflow": { command: [node, "tensorflow.mjs"], cwd },
      "the same and zod": { command: [node, "author.mjs"], cwd },
      "tenon --version": { command: [node, project.tenon, "--version"], cwd },
      "tenon run list, 1,000 runs": { command: [node, project.tenon, "run", "list"], cwd },
    },
    { runs },
  );
  const bare = result["bare Node"];
  const rows = Object.entries(result).map(([name, { cpuMs, wallMs, rssMiB }]) => [
    name,
    cpuMs,
    cpuMs - bare.cpuMs,
    wallMs,
    wallMs - bare.wallMs,
    rssMiB,
  ]);
  report(
    "Start-up",
    `${table([["process", "CPU ms", "over bare", "wall ms", "over bare", "peak MiB"], ...rows])}

Medians of ${runs} processes each, taken in turn. Targets over bare Node: import 40 ms of CPU (the plugin 10 more), \`--version\` 40 ms, \`run list\` 150 ms.
Recording 1,000 runs of one uncached step in one process took ${(recording.wallMs / 1000).toFixed(1)} s.`,
  );
} finally {
  if (!process.env.KEEP) project.remove();
  else console.error(join(here, project.directory));
}
