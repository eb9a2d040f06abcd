import { errorCodes } from "@tenon/core/internal";
import { isForeign, userFrames } from "./user-stack.js";

/** As much of an error as the ledger keeps, or an error itself. */
export interface Failure {
  readonly code?: string | undefined;
  readonly message: string;
  readonly fix?: string | undefined;
  readonly stack?: string | undefined;
  /** What lies behind it, the outermost first: messages and stacks. */
  readonly causes: readonly string[];
}

export function failureOf(error: unknown): Failure {
  const causes: string[] = [];
  for (let cause = causeOf(error); cause !== undefined && causes.length < 6; cause = causeOf(cause)) {
    causes.push(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
  }
  if (!(error instanceof Error)) return { message: String(error), causes };
  const { code, fix } = error as { code?: unknown; fix?: unknown };
  return {
    message: error.message,
    stack: error.stack,
    causes,
    code: typeof code === "string" ? code : undefined,
    fix: typeof fix === "string" ? fix : undefined,
  };
}

/** The code, if it is one of Tenon's own that says more than that user code threw. */
export function ownCode({ code }: Failure): string | undefined {
  return code !== undefined && code !== "STEP_FAILED" && Object.hasOwn(errorCodes, code) ? code : undefined;
}

/**
 * What a failure says, line by line, and the frames of the user's own code. What Tenon itself found wrong needs no
 * stack, but what user code threw underneath does.
 */
export function failureText(
  failure: Failure,
  verbose: boolean,
): { readonly lines: string[]; readonly frames: string[] } {
  const lines = messageLines(failure);
  for (const cause of failure.causes) {
    const [first = ""] = cause.split("\n");
    const bare = first.replace(/^\w*Error(?: \[\w+\])?: /, "");
    if (bare !== "" && !lines.some((line) => line.includes(bare))) lines.push(`because: ${first}`);
  }
  const stacks = [...(ownCode(failure) === undefined ? [failure.stack ?? ""] : []), ...failure.causes];
  if (!verbose) {
    const frames = userFrames(stacks);
    return { lines, frames: ownCode(failure) === undefined ? frames : frames.filter((frame) => !isForeign(frame)) };
  }
  const every = [failure.stack ?? "", ...failure.causes].flatMap((stack) => stack.split("\n"));
  return { lines, frames: every.map((line) => line.trim()).filter((line) => line.startsWith("at ")) };
}

/** The fix, if there is one, on a line of its own; what a schema library says as JSON, in words. */
function messageLines({ message, fix }: Failure): string[] {
  const text = message.trimEnd();
  const said = issuesIn(text) ?? (fix && text.endsWith(fix) ? text.slice(0, -fix.length).trimEnd() : text).split("\n");
  return fix ? [...said, fix] : said;
}

const longestClause = 72;

/** A failure in a few words, for a line that has other things on it: Tenon's own by its code, others by how they begin. */
export function failureInBrief(error: unknown): string {
  const failure = failureOf(error);
  const code = ownCode(failure);
  if (code !== undefined) return code;
  const [first = ""] = issuesIn(failure.message.trim()) ?? failure.message.trim().split("\n");
  const [sentence = ""] = first.split(/(?<=[.!?]) (?=\p{Lu})|; /u);
  const clause = sentence.replace(/[.;]$/, "");
  if (clause.length <= longestClause) return clause === "" ? "failed" : clause;
  const cut = clause.slice(0, longestClause);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), longestClause / 2)).replace(/[\s,:]+$/, "")} …`;
}

/** The message of a ZodError is its issues as JSON. */
function issuesIn(message: string): string[] | undefined {
  if (!message.startsWith("[")) return undefined;
  try {
    const issues = JSON.parse(message) as { message: string; path?: PropertyKey[] }[];
    if (issues.length === 0 || !issues.every((issue) => typeof issue.message === "string")) return undefined;
    return issues.map(({ message, path = [] }) => (path.length > 0 ? `${message} (at ${path.join(".")})` : message));
  } catch {
    return undefined;
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
