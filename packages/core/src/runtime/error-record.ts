import { type ErrorCode, errorCodes, TenonError } from "../errors.js";
import type { ErrorRecord } from "../ledger/records.js";

const LONGEST = 16_384;
const DEEPEST = 16;

/** What the ledger keeps of an error: its code, message and stack, and the messages of its causes. */
export function toErrorRecord(error: unknown): ErrorRecord {
  const causes: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  for (let depth = 0; cause !== undefined && depth < DEEPEST; depth += 1) {
    causes.push(clip(cause instanceof Error ? (cause.stack ?? String(cause)) : describe(cause)));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  const stack = error instanceof Error && error.stack ? { stack: clip(error.stack) } : {};
  return {
    code: TenonError.is(error) ? error.code : "STEP_FAILED",
    message: clip(error instanceof Error ? error.message : describe(error)),
    ...stack,
    causes,
  };
}

/** An error that looks like the recorded one: same message, same stack; its cause is rebuilt from the recorded texts. */
export function fromErrorRecord(record: ErrorRecord): Error {
  const cause = record.causes.reduceRight<Error | undefined>((inner, text) => {
    const error = new Error(text.split("\n", 1)[0], inner && { cause: inner });
    error.stack = text;
    return error;
  }, undefined);
  const error = Object.assign(new Error(record.message, cause && { cause }), { code: record.code });
  if (record.stack !== undefined) error.stack = record.stack;
  return error;
}

export function isErrorCode(code: string): code is ErrorCode {
  return code in errorCodes;
}

function describe(value: unknown): string {
  try {
    return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  } catch {
    return String(value);
  }
}

function clip(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}
