import { readFileSync } from "node:fs";
import { TenonError } from "../errors.js";
import { originalFrame, stepsMadeIn, timesMade } from "./source.js";
import type { StepDefinition } from "./step.js";
import { readTopLevel, type TopLevelBinding } from "./top-level.js";

/** The module and the top-level name by which a step can be found again. */
export interface StepBinding {
  /** Absolute. */
  readonly file: string;
  readonly binding: string;
}

/** Where the top-level bindings of a file are known from; parsing is the slow part. */
export type TopLevelSource = (file: string) => Promise<readonly TopLevelBinding[]>;

/** The binding of a step, or undefined for one that was made inside a function. @throws `STEP_SOURCE_INVALID` */
export async function bindingOf(
  step: StepDefinition,
  topLevel: TopLevelSource = parseTopLevel,
): Promise<StepBinding | undefined> {
  const { frames, exact } = step.site;
  if (exact) {
    for (const [depth, raw] of frames.entries()) {
      const frame = originalFrame(raw);
      const found = (await topLevel(frame.file)).find((candidate) =>
        candidate.ranges.some((range) => isWithin(frame, range)),
      );
      if (!found) continue;
      if (depth === 0 && found.steps.length > 0 && !found.steps.includes(step.name)) continue;
      // In a loop, or made again by the same call, one name stands for several steps.
      if (!(depth === 0 && found.direct) && (timesMade(step) > 1 || hasTwin(step, found))) return undefined;
      return { file: frame.file, binding: found.binding };
    }
    return undefined;
  }
  return await bindingByName(step, topLevel);
}

/** True if another step of the same name was made while the same initialiser ran. */
function hasTwin(step: StepDefinition, { ranges }: TopLevelBinding): boolean {
  return stepsMadeIn(step.site.frames[0]?.file ?? "").some(
    (other) =>
      other !== step &&
      other.name === step.name &&
      other.site.frames.some((frame) => ranges.some((range) => isWithin(originalFrame(frame), range))),
  );
}

/** Where positions cannot be trusted (a test runner has rewritten the module): by the step's name, if that is unique. */
async function bindingByName(step: StepDefinition, topLevel: TopLevelSource): Promise<StepBinding | undefined> {
  const file = step.site.frames[0]?.file;
  if (!file) return undefined;
  const bindings = await topLevel(file);
  const named = bindings.filter(({ direct, steps }) => direct && steps.includes(step.name));
  const elsewhere = bindings.reduce((sum, { inner }) => sum + inner.filter((name) => name === step.name).length, 0);
  const [only] = named;
  return only && named.length === 1 && elsewhere === 0 ? { file, binding: only.binding } : undefined;
}

export async function parseTopLevel(file: string): Promise<readonly TopLevelBinding[]> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new TenonError("STEP_SOURCE_INVALID", {
      doing: `reading the source of a step in ${file}`,
      found: "the file cannot be read",
      cause,
    });
  }
  return await readTopLevel(text, file);
}

function isWithin(
  { line, column }: { line: number; column: number },
  [startLine, startColumn, endLine, endColumn]: readonly [number, number, number, number],
): boolean {
  const afterStart = line > startLine || (line === startLine && column >= startColumn);
  const beforeEnd = line < endLine || (line === endLine && column < endColumn);
  return afterStart && beforeEnd;
}
