import { canonicalJson, NotJson } from "./canonical-json.js";

/** Whether JSON holds a value exactly, with no two places that share an object. */
export function isJson(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      return value === null || holdsOnlyJson(value);
    default:
      return false;
  }
}

function holdsOnlyJson(value: object): boolean {
  try {
    for (const _ of canonicalJson(value, { shared: false })) {
      // Walking it is the test.
    }
    return true;
  } catch (error) {
    if (error instanceof NotJson) return false;
    throw error;
  }
}
