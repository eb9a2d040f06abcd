// A large artifact: 512 MiB written, digested and read back, beside plain Node in the same run.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { here, median, once, report, table } from "./measure.mjs";

const rounds = Number(process.env.RUNS ?? 7);
const scratch = mkdtempSync(join(tmpdir(), "tenon-bench-artifact-"));
const subjects = {
  "plain Node, digested once": ["floor.mjs", "trust"],
  "plain Node, digested and verified": ["floor.mjs", "verify"],
  Tenon: ["tenon.mjs"],
};
const samples = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, [file, ...argv]] of Object.entries(subjects)) {
      const command = [process.execPath, join(here, "artifact", file), join(scratch, `${round}`), ...argv];
      const { output, rssMiB, cpuMs } = await once({ command });
      samples[name].push({ ...JSON.parse(output), rssMiB, cpuMs });
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const of = (name, field) => median(samples[name].map((sample) => sample[field]));
const tenon = of("Tenon", "ms");
report(
  "An artifact of 512 MiB",
  `${table([
    ["", "written and read back s", "of it written s", "CPU s", "peak MiB", "Tenon's speed over it"],
    ...Object.keys(subjects).map((name) => [
      name,
      of(name, "ms") / 1000,
      of(name, "writeMs") / 1000,
      of(name, "cpuMs") / 1000,
      of(name, "rssMiB"),
      of(name, "ms") / tenon,
    ]),
  ])}

Medians of ${rounds} processes each, taken in turn. Tenon digests each chunk of 4 MiB on the thread pool, and verifies it there before it
hands it out. Target: 0.8 of the speed of plain Node, and a peak below 150 MB.`,
);
