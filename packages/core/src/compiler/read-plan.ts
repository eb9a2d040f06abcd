import type { JsonValue } from "../contracts/json.js";
import { type Plan, planFormat } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import { checkPlan } from "./check-plan.js";
import { readCanonical } from "./read-canonical.js";

/** Far more than any plan needs: 5,000 steps come to 4 MB. */
const largest = 64 * 1024 * 1024;

/**
 * Reads a plan. What it reads is not trusted: every field is checked, and nothing that only YAML can do is accepted
 * (aliases, tags, merge keys).
 *
 * @param from the file's name, for messages
 * @throws `PLAN_INVALID`, `PIPELINE_CYCLE`
 */
export async function readPlan(text: string, from = "a plan"): Promise<Plan> {
  const doing = `reading ${from}`;
  const refuse = (found: string, cause?: unknown): never => {
    throw new TenonError("PLAN_INVALID", { doing, found, fix: "Compile the pipeline again.", cause });
  };
  if (text.length > largest) refuse(`it is ${Math.round(text.length / 1024 / 1024)} MB long, which no plan is`);
  const canonical = readCanonical(text);
  const value = canonical ?? (await readYaml(text, refuse));
  if (typeof value !== "object" || value === null || !("format" in value)) {
    return refuse("it has no field 'format', as every plan does");
  }
  const { format } = value;
  if (typeof format === "number" && format > planFormat) {
    throw new TenonError("PLAN_INVALID", {
      doing,
      found: `its format is ${format}, and this version of Tenon reads formats up to ${planFormat}`,
      fix: "Update @tenon/core.",
    });
  }
  return checkPlan(value, doing);
}

async function readYaml(text: string, refuse: (found: string, cause?: unknown) => never): Promise<JsonValue> {
  const { parseDocument, visit } = await import("yaml");
  const document = parseDocument(text, {
    schema: "core",
    merge: false,
    uniqueKeys: true,
    stringKeys: true,
    version: "1.2",
  });
  const [error] = document.errors;
  if (error) refuse(`it is not YAML: ${(error.message.split("\n")[0] ?? "").replace(/[.:]$/, "")}`, error);
  visit(document, {
    Alias: (_, { source }) => refuse(`it uses the YAML alias '*${source}'`),
    Node: (_, node) => {
      if ("tag" in node && node.tag && !/^tag:yaml\.org,2002:(map|seq|str|int|float|bool|null)$/.test(node.tag)) {
        refuse(`it uses the YAML tag '${node.tag}'`);
      }
    },
    Pair: (_, { key }) => {
      if (String(key) === "__proto__") refuse("it has a field '__proto__'");
    },
  });
  return document.toJS({ maxAliasCount: 0 }) as JsonValue;
}
