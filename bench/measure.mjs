// Measures whole processes: wall clock, CPU of the process itself, peak memory. What is compared runs in turn, so that
// a slow minute of the machine falls on all.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * @typedef {object} Subject
 * @property {string[]} command    program and arguments
 * @property {string} [cwd]
 * @property {Record<string, string>} [env]
 * @property {(round: number) => void | Promise<void>} [before]  not measured
 *
 * @param {Record<string, Subject>} subjects
 * @param {{ runs?: number }} [options]
 * @returns {Promise<Record<string, { wallMs: number, cpuMs: number, rssMiB: number, output: string }>>} medians
 */
export async function compare(subjects, { runs = 7 } = {}) {
  const samples = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round < runs; round++) {
    for (const [name, subject] of Object.entries(subjects)) {
      await subject.before?.(round);
      samples[name].push(await once(subject));
    }
  }
  return Object.fromEntries(
    Object.entries(samples).map(([name, all]) => [
      name,
      {
        wallMs: median(all.map((one) => one.wallMs)),
        cpuMs: median(all.map((one) => one.cpuMs)),
        rssMiB: median(all.map((one) => one.rssMiB)),
        output: all.at(-1).output,
      },
    ]),
  );
}

/** @param {Subject} subject */
export function once({ command: [program, ...argv], cwd = here, env = {} }) {
  const directory = mkdtempSync(join(tmpdir(), "tenon-bench-"));
  const file = join(directory, "usage");
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, argv, {
      cwd,
      env: {
        ...process.env,
        NODE_OPTIONS: `--require ${join(here, "usage.cjs")}`,
        NO_COLOR: "1",
        ...env,
        BENCH_USAGE: file,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      const wallMs = performance.now() - started;
      const [usage] = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
      rmSync(directory, { recursive: true });
      if (code === 0)
        resolve({ wallMs, output, ...(usage ? JSON.parse(usage) : { cpuMs: Number.NaN, rssMiB: Number.NaN }) });
      else reject(new Error(`${program} ${argv.join(" ")} ended with ${code}:\n${errors || output}`));
    });
  });
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A Markdown table. The first row names the columns; numbers get as many digits as they are worth. */
export function table([head, ...rows]) {
  const text = (value) => (typeof value === "number" ? digits(value) : String(value));
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(text).join(" | ")} |`).join("\n");
}

function digits(value) {
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value));
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** Prints a section and, with `--write`, puts it into results.md in place of its last version. */
export function report(name, text) {
  console.log(`\n## ${name}\n\n${text}\n`);
  if (!process.argv.includes("--write")) return;
  const file = join(here, "results.md");
  const old = existsSync(file) ? readFileSync(file, "utf8") : "# Results\n";
  const section = `## ${name}\n\n${text}\n`;
  const pattern = new RegExp(`^## ${name.replace(/[^\w ]/g, "\\$&")}\n[\\s\\S]*?(?=^## |$(?![\\s\\S]))`, "m");
  writeFileSync(
    file,
    pattern.test(old) ? old.replace(pattern, () => `${section}\n`) : `${old.trimEnd()}\n\n${section}`,
  );
}
