import assert from "node:assert/strict";
import type { StepDefinition, StepRunContext } from "@tenon/core";
import { type ConformanceCase, type KitOptions, registerCases } from "@tenon/core/testing";

/** A step under test. */
export interface StepSubject<S extends StepDefinition = StepDefinition> {
  readonly step: S;
  /** Where the schema's defaults are not the ones to test with. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** What every kit for steps takes besides its subject. */
export type StepKitOptions = Omit<KitOptions<never>, "create" | "destroy">;

/** Registers a kit's cases for the subject that lies among its options. */
export function registerStepCases<S extends StepSubject>(
  cases: readonly ConformanceCase<S>[],
  { test, skip, prefix, ...subject }: S & StepKitOptions,
): void {
  registerCases(cases, {
    test,
    ...(skip && { skip }),
    ...(prefix !== undefined && { prefix }),
    create: () => subject as unknown as S,
  });
}

/** Runs a step by itself, with its parameters as a run would have them. */
export async function execute<Outputs>(
  { step, parameters = {} }: StepSubject,
  inputs: Readonly<Record<string, unknown>>,
  context: Partial<StepRunContext<never>> = {},
): Promise<Outputs> {
  const result = await step.params?.["~standard"].validate(parameters);
  assert.ok(!result?.issues, `its parameters do not fit its schema: ${JSON.stringify(result?.issues)}`);
  return (await step.run(inputs as never, { params: (result?.value ?? {}) as never, ...context })) as Outputs;
}

/** That a step can stand in a slot of the interface. */
export function assertDeclares(
  step: StepDefinition,
  { inputs, outputs }: { readonly inputs: object; readonly outputs: object },
): void {
  assert.equal(step.single, false, "it has one output without a name; declare outputs: { … }");
  for (const name of Object.keys(outputs)) {
    assert.ok(Object.hasOwn(step.outputs, name), `it declares no output '${name}'`);
  }
  assert.deepEqual(Object.keys(step.inputs ?? {}).sort(), Object.keys(inputs).sort(), "its inputs are others");
}

/** @throws unless the promise is rejected by an error with a code */
export async function assertCoded(attempt: Promise<unknown>, message: string): Promise<void> {
  await assert.rejects(
    attempt,
    (error) => /^[A-Z]+(_[A-Z]+)+$/.test(String((error as { code?: unknown }).code)),
    `${message}, and no coded error says so`,
  );
}
