import { type ErrorCode, TenonError } from "../errors.js";

/** Names of steps, pipelines, inputs and outputs become parts of artifact names, parameter names and paths. */
export function checkName(name: unknown, code: ErrorCode, doing: string): asserts name is string {
  if (typeof name === "string" && /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name) && Buffer.byteLength(name) <= 100) return;
  const found = typeof name === "string" ? `the name ${JSON.stringify(name)}` : `a name that is ${String(typeof name)}`;
  throw new TenonError(code, {
    doing,
    found,
    fix: "A name starts with a letter, has letters, digits, '_' and '-', and is at most 100 bytes long.",
  });
}
