/** Objects whose prototype is that of `{}`, of whichever realm. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return true;
  return (
    typeof prototype === "object" &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "isPrototypeOf")
  );
}

/** Why an array is more than its elements, as a clause; holes are for the caller to find. */
export function arrayFault(array: readonly unknown[]): string | undefined {
  if (!isPlainArray(array)) return describe(array);
  return hasNamedProperties(array) ? "an array with named properties" : undefined;
}

/** Array.prototype is an array itself, the prototype of a subclass is not. */
export function isPlainArray(array: readonly unknown[]): boolean {
  return Array.isArray(Object.getPrototypeOf(array));
}

function hasNamedProperties(array: readonly unknown[]): boolean {
  const keys = Object.keys(array);
  const last = keys.at(-1);
  return last !== undefined && String(Number(last) >>> 0) !== last;
}

/** A value in a few words: `a function`, `an instance of Map`, `NaN`. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "number":
      return Object.is(value, -0) ? "-0" : Number.isFinite(value) ? "a number" : String(value);
    case "bigint":
      return "a bigint";
    case "string":
      return "a string";
    case "boolean":
      return "a boolean";
    case "symbol":
      return "a symbol";
    case "function":
      return "a function";
  }
  return Object.getPrototypeOf(value) === null
    ? "an object without a prototype"
    : Array.isArray(value) && isPlainArray(value)
      ? "an array"
      : isPlainObject(value as object)
        ? "a plain object"
        : `an instance of ${className(value as object)}`;
}

export function className(value: object): string {
  const made: unknown = value.constructor;
  return typeof made === "function" && made.name ? made.name : "an unnamed class";
}

/** `$.rows[3].date` */
export function pathText(path: readonly (string | number)[]): string {
  let text = "$";
  for (const part of path) {
    text += typeof part === "number" ? `[${part}]` : /^[\w$]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  }
  return text;
}
