import type { ModelDeclaration } from "../contracts/plan.js";
import { type ErrorCode, TenonError } from "../errors.js";
import { nearest } from "./nearest.js";

/** Which model a pipeline or a step works on. */
export interface ModelOptions {
  readonly name: string;
  /**
   * The number of a version that there is, or a name of its own for one that is made if it is not there. By default each
   * run makes a new version: 1, 2, 3…
   */
  readonly version?: string;
  /** Of a version that is made. */
  readonly tags?: readonly string[];
}

const fields = ["name", "version", "tags"];

/** @throws the code that is given: `STEP_INVALID`, `PIPELINE_INVALID` */
export function modelDeclaration(given: unknown, code: ErrorCode, doing: string): ModelDeclaration | undefined {
  if (given === undefined) return undefined;
  const refuse = (found: string, fix: string): never => {
    throw new TenonError(code, { doing: `${doing}, model`, found, fix });
  };
  if (typeof given !== "object" || given === null) return refuse("it is no object", 'Write model: { name: "…" }.');
  for (const key of Object.keys(given)) {
    if (!fields.includes(key)) return refuse(`there is no field '${key}'`, nearest(key, fields).fix ?? "Leave it out.");
  }
  const { name, version, tags = [] } = given as Partial<ModelOptions>;
  if (typeof name !== "string" || !/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(name) || Buffer.byteLength(name) > 60) {
    return refuse(
      `its name is ${JSON.stringify(name) ?? "missing"}`,
      "A name starts with a letter, has letters, digits, '_', '.' and '-', and is at most 60 bytes long.",
    );
  }
  if (version !== undefined && !isVersion(version)) {
    return refuse(
      `its version is ${JSON.stringify(version)}`,
      'Write a number as a text, such as "3", or a name such as "2026-q1".',
    );
  }
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== "string" || tag === "")) {
    return refuse("its tags are no list of texts", 'Write tags: ["…"].');
  }
  return { name, ...(version === undefined ? {} : { version }), tags: [...new Set(tags)] };
}

/** A number, or a name that cannot be taken for one. */
function isVersion(version: unknown): boolean {
  if (typeof version !== "string" || Buffer.byteLength(version) > 32) return false;
  return /^([1-9]\d{0,9}|\d*[\p{L}_.-][\p{L}\p{N}_.-]*)$/u.test(version);
}
