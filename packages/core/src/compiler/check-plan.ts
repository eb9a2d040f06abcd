import type { JsonObject, JsonValue } from "../contracts/json.js";
import { type Plan, type PlannedInput, type PlannedStep, planFormat } from "../contracts/plan.js";
import { referenceFault } from "../contracts/reference.js";
import { TenonError } from "../errors.js";
import { nearest } from "../pipeline/nearest.js";

type Check = (value: JsonValue, path: string) => void;

/** Makes sure that a value is a plan, down to each field. @throws `PLAN_INVALID`, `PIPELINE_CYCLE` */
export function checkPlan(value: JsonValue, doing: string): Plan {
  const plan = checkPlanFields(value, doing);
  checkWires(plan, doing, refusal(doing));
  return plan;
}

/** For a part of a plan, in which wires come from steps that are not there. @throws `PLAN_INVALID` */
export function checkPlanFields(value: JsonValue, doing: string): Plan {
  fieldChecks(refusal(doing)).plan(value, "");
  return value as unknown as Plan;
}

function refusal(doing: string) {
  return (path: string, found: string, fix?: string): never => {
    throw new TenonError("PLAN_INVALID", {
      doing,
      found: `${path === "" ? "it" : `'${path}'`} ${found}`,
      fix: fix ?? "Compile the pipeline again.",
    });
  };
}

function fieldChecks(refuse: (path: string, found: string, fix?: string) => never) {
  const kindOf = (value: JsonValue | undefined) =>
    value === null ? "null" : Array.isArray(value) ? "a list" : value === undefined ? "missing" : `a ${typeof value}`;
  const is = (type: "string" | "number" | "boolean"): Check => {
    return (value, path) => {
      if (typeof value !== type || Number.isNaN(value)) refuse(path, `is ${kindOf(value)}, not a ${type}`);
    };
  };
  const text = is("string");
  const filled: Check = (value, path) => {
    if (typeof value !== "string" || value === "") refuse(path, `is ${kindOf(value)}, not a filled text`);
  };
  const amount: Check = (value, path) => {
    if (typeof value !== "number" || !(value >= 0) || value === Number.POSITIVE_INFINITY) {
      refuse(path, `is ${typeof value === "number" ? value : kindOf(value)}, not a number from 0`);
    }
  };
  const whole: Check = (value, path) => {
    if (!Number.isSafeInteger(value) || (value as number) < 0) refuse(path, "is not a whole number from 0");
  };
  const digest: Check = (value, path) => {
    if (typeof value !== "string" || !/^[a-z0-9]+:[0-9a-f]{16,}$/.test(value)) refuse(path, "is not a digest");
  };
  const one = (...allowed: JsonValue[]): Check => {
    return (value, path) => {
      if (!allowed.includes(value)) refuse(path, `is ${JSON.stringify(value)}, not ${allowed.join(" or ")}`);
    };
  };
  const object: Check = (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      refuse(path, `is ${kindOf(value)}, not a map`);
  };
  const anything: Check = () => {};
  const list = (item: Check): Check => {
    return (value, path) => {
      if (!Array.isArray(value)) return refuse(path, `is ${kindOf(value as JsonValue)}, not a list`);
      for (const [index, inner] of value.entries()) item(inner as JsonValue, `${path}[${index}]`);
    };
  };
  const record = (item: Check): Check => {
    return (value, path) => {
      object(value, path);
      for (const [key, inner] of Object.entries(value as object)) item(inner, path === "" ? key : `${path}.${key}`);
    };
  };
  const shape = (fields: Readonly<Record<string, Check>>): Check => {
    const needed = Object.entries(fields).map(
      ([name, check]) => [name.replace("?", ""), name.endsWith("?"), check] as const,
    );
    const names = needed.map(([name]) => name);
    return (value, path) => {
      object(value, path);
      const given = value as Readonly<Record<string, JsonValue>>;
      for (const key of Object.keys(given)) {
        if (!names.includes(key)) refuse(path, `has a field '${key}', which no plan has`, nearest(key, names).fix);
      }
      for (const [name, optional, check] of needed) {
        if (Object.hasOwn(given, name)) check(given[name] as JsonValue, path === "" ? name : `${path}.${name}`);
        else if (!optional) refuse(path, `has no field '${name}'`);
      }
    };
  };
  const output = shape({ from: one("step"), step: filled, output: filled });
  const inputs: Readonly<Record<string, Check>> = {
    step: output,
    literal: shape({ from: text, digest, type: filled, artifact: filled }),
    list: shape({ from: text, items: list((value, path) => input(value, path)) }),
    each: shape({ from: text, list: (value, path) => input(value, path) }),
    reference: shape({
      from: text,
      reference: (value, path) => {
        object(value, path);
        const fault = referenceFault(value as JsonObject);
        if (fault !== undefined) refuse(path, fault);
      },
    }),
  };
  const input: Check = (value, path) => {
    object(value, path);
    const from = String((value as Readonly<Record<string, JsonValue>>).from);
    const check = Object.hasOwn(inputs, from) ? inputs[from] : undefined;
    if (!check) return refuse(path, `comes from '${from}', not from ${Object.keys(inputs).join(", ")}`);
    check(value, path);
  };
  const model = shape({ name: filled, "version?": filled, tags: list(text) });
  const planStep = shape({
    id: filled,
    name: filled,
    source: shape({ "module?": filled, "binding?": filled, "version?": filled }),
    "fingerprint?": digest,
    parameters: object,
    inputs: record(input),
    outputs: record(shape({ "type?": filled, artifact: filled })),
    single: is("boolean"),
    after: list(filled),
    mapped: is("boolean"),
    "model?": model,
    settings: shape({
      retries: whole,
      backoff: shape({ initial: amount, factor: amount, maximum: amount }),
      "timeout?": amount,
      cache: shape({ enabled: is("boolean"), "timeToLive?": amount, "key?": anything }),
      resources: shape({ "cpu?": amount, "memory?": amount, "gpu?": amount, "time?": amount }),
      "backend?": filled,
      engine: object,
      tags: list(text),
      deterministic: is("boolean"),
    }),
  });
  return {
    plan: shape({
      format: one(planFormat),
      pipeline: filled,
      parameters: object,
      steps: list(planStep),
      outputs: record(output),
      onFailure: one("continue", "stop"),
      tags: list(text),
      "model?": model,
    }),
  };
}

/** Every wire ends at a step that comes earlier; ids are unique. */
function checkWires(plan: Plan, doing: string, refuse: (path: string, found: string, fix?: string) => never): void {
  const ids = plan.steps.map(({ id }) => id);
  const all = new Map<string, PlannedStep>();
  for (const step of plan.steps) {
    if (all.has(step.id)) refuse("steps", `names two steps '${step.id}'`);
    all.set(step.id, step);
  }
  const earlier = new Set<string>();
  const checkStep = (id: string, path: string): void => {
    if (!all.has(id)) refuse(path, `names a step '${id}' that is not there`, nearest(id, ids).fix);
    if (earlier.has(id)) return;
    throw new TenonError("PIPELINE_CYCLE", {
      doing,
      found: `'${path}' waits for step '${id}', which does not come earlier in the plan`,
      fix: "Compile the pipeline again: the steps of a plan stand in an order in which they can run.",
    });
  };
  const checkOutput = (id: string, output: string, path: string): void => {
    const { outputs } = all.get(id) as PlannedStep;
    if (!Object.hasOwn(outputs, output)) refuse(path, `names an output '${output}' that step '${id}' does not have`);
  };
  const checkInput = (input: PlannedInput, path: string): void => {
    if (input.from === "step") {
      checkStep(input.step, path);
      checkOutput(input.step, input.output, path);
    } else if (input.from === "each") checkInput(input.list, path);
    else if (input.from === "list") for (const item of input.items) checkInput(item, path);
  };
  for (const step of plan.steps) {
    for (const [name, input] of Object.entries(step.inputs)) checkInput(input, `${step.id}.inputs.${name}`);
    for (const id of step.after) checkStep(id, `${step.id}.after`);
    earlier.add(step.id);
  }
  for (const [name, { step, output }] of Object.entries(plan.outputs)) {
    checkStep(step, `outputs.${name}`);
    checkOutput(step, output, `outputs.${name}`);
  }
}
