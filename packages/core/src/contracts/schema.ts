/**
 * Anything that validates: a zod schema, or any other library's that follows Standard Schema.
 *
 * @see https://standardschema.dev (the interface is specified there to be copied)
 */
export interface Schema<Output = unknown, Input = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export type SchemaOutput<S extends Schema> = NonNullable<S["~standard"]["types"]>["output"];
export type SchemaInput<S extends Schema> = NonNullable<S["~standard"]["types"]>["input"];

export function isSchema(value: unknown): value is Schema {
  return value !== null && (typeof value === "object" || typeof value === "function") && "~standard" in value;
}

/** What is wrong, without a final period. Zod's small build says no more than «Invalid input» in words. */
export function issueText(issue: SchemaIssue): string {
  const message = issue.message.replace(/\.$/, "");
  const { code, keys, expected } = issue as { code?: unknown; keys?: readonly string[]; expected?: unknown };
  if (message !== "Invalid input") return message;
  if (code === "unrecognized_keys" && keys) return `it has no field ${keys.map((key) => `'${key}'`).join(", ")}`;
  return code === "invalid_type" && typeof expected === "string" ? `it has to be of type ${expected}` : message;
}
