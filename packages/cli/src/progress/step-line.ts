import { failureInBrief } from "../terminal/failure.js";
import { brief, duration } from "../terminal/format.js";
import { paint, statusSymbol } from "../terminal/status.js";
import type { Terminal } from "../terminal/terminal.js";
import type { StepProgress } from "./run-progress.js";

/** The line of a step that has ended: `✔ load       cached   344 rows`. */
export function endedLine(step: StepProgress, width: number, terminal: Terminal): string {
  const { colors, symbols } = terminal;
  const sign = paint(step.status, colors)(statusSymbol(step.status, symbols));
  const facts = [howLong(step, terminal), ...outcome(step, terminal)].filter((fact) => fact !== "");
  return `  ${sign} ${step.id.padEnd(width)}  ${facts.join("  ")}`.trimEnd();
}

function howLong(step: StepProgress, { colors }: Terminal): string {
  if (step.status === "cached") return `${colors.dim("cached")} `;
  if (step.status === "skipped") return colors.yellow("skipped");
  const time = duration(step.durationMs ?? 0);
  return colors.dim(time) + " ".repeat(Math.max(0, 7 - time.length));
}

function outcome(step: StepProgress, { colors }: Terminal): string[] {
  if (step.status === "failed") return [colors.red(step.error ? failureInBrief(step.error) : "failed")];
  if (step.status === "skipped") return [colors.dim(step.remark)];
  if (step.status === "cancelled") return [colors.yellow("cancelled")];
  const { elements } = step;
  if (elements) {
    const cached = elements.cached > 0 ? `, ${elements.cached} cached` : "";
    return [`${elements.ended} element${elements.ended === 1 ? "" : "s"}${cached}`];
  }
  return describeOutputs(step);
}

/** The first few things that the artifacts say about themselves: `344 rows`, `accuracy 0.97`. */
export function describeOutputs({ outputs }: Pick<StepProgress, "outputs">, limit = 3): string[] {
  const facts: string[] = [];
  const several = Object.keys(outputs).length > 1;
  for (const [output, { metadata }] of Object.entries(outputs)) {
    for (const [name, value] of Object.entries(metadata)) {
      if (typeof value !== "number" && (typeof value !== "string" || value.length > 24)) continue;
      const fact = Number.isInteger(value) && /[^s]s$/.test(name) ? `${value} ${name}` : `${name} ${brief(value)}`;
      facts.push(several ? `${output} ${fact}` : fact);
    }
  }
  return facts.slice(0, limit);
}

/** The line of a step that is going on: `⠹ fit        epoch 61/100  ━━━━━━━╸━━━  loss 0.21`. */
export function runningLine(step: StepProgress, width: number, frame: number, terminal: Terminal): string {
  const { colors, symbols } = terminal;
  const sign = colors.cyan(symbols.spinner[frame % symbols.spinner.length] ?? "");
  const facts = [
    ...progressFacts(step, terminal),
    ...progressFields(step),
    step.status === "retrying" ? colors.yellow(step.remark) : step.remark,
  ];
  const elapsed = performance.now() - step.startedAt;
  if (elapsed >= 1000) facts.push(colors.dim(duration(elapsed)));
  return `  ${sign} ${step.id.padEnd(width)}  ${facts.filter((fact) => fact !== "").join("  ")}`;
}

/** How far it has come: `epoch 61/100`, and a bar where there is an end in sight. */
export function progressFacts({ done, total, elements, fields }: StepProgress, terminal: Terminal): string[] {
  if (elements) {
    const { ended, total, failed } = elements;
    const count = total ? counted(ended, total, "", terminal) : [`${ended} element${ended === 1 ? "" : "s"} done`];
    return failed > 0 ? [...count, `${failed} failed`] : count;
  }
  return done === undefined ? [] : counted(done, total, String(fields.label ?? ""), terminal);
}

/** What a step said beside its progress: `loss 0.21`. */
export function progressFields({ fields }: StepProgress): string[] {
  return Object.entries(fields).flatMap(([name, value]) => (name === "label" ? [] : [`${name} ${brief(value)}`]));
}

function counted(done: number, total: number | undefined, label: string, terminal: Terminal): string[] {
  const named = (count: string) => (label === "" ? count : `${label} ${count}`);
  if (total === undefined || total <= 0) return [named(String(done))];
  return [named(`${String(done).padStart(String(total).length)}/${total}`), bar(done / total, 20, terminal)];
}

export function bar(share: number, width: number, { colors, symbols }: Pick<Terminal, "colors" | "symbols">): string {
  const halves = Math.round(Math.min(1, Math.max(0, share)) * width * 2);
  const full = symbols.bar.full.repeat(Math.floor(halves / 2));
  const half = halves % 2 === 1 ? symbols.bar.half : "";
  const rest = symbols.bar.empty.repeat(width - Math.ceil(halves / 2));
  return colors.green(full + half) + colors.dim(rest);
}
