import { closest } from "fastest-levenshtein";
import { TenonError } from "../errors.js";

/** How a test runner takes a test: `test` of vitest or node:test, `it` of mocha or jest. */
export type TestFunction = (name: string, body: () => Promise<void>) => unknown;

/** One promise of a contract, and how it is tried on a fresh subject. */
export interface ConformanceCase<S> {
  readonly name: string;
  run(subject: S): Promise<void>;
}

export interface KitOptions<S> {
  readonly test: TestFunction;
  /** Called for each case: a fresh, empty subject. */
  readonly create: () => Promise<S> | S;
  /** Called after each case; by default the subject's own `dispose`, if it has one. */
  readonly destroy?: (subject: S) => Promise<void> | void;
  /** Case names with the reason why this implementation cannot keep the promise. */
  readonly skip?: Readonly<Record<string, string>>;
  /** Put before each test's name. */
  readonly prefix?: string;
}

/**
 * Registers a test for each case. A skipped case stays in sight: its test passes, and its name holds the reason.
 *
 * @throws CONFORMANCE_FAILED if `skip` names no case or gives no reason.
 */
export function registerCases<S>(cases: readonly ConformanceCase<S>[], options: KitOptions<S>): void {
  const skip = checkedSkips(
    cases.map(({ name }) => name),
    options.skip ?? {},
  );
  const prefix = options.prefix ? `${options.prefix}: ` : "";
  for (const conformanceCase of cases) {
    const reason = skip.get(conformanceCase.name);
    if (reason !== undefined) options.test(`${prefix}${conformanceCase.name} (skipped: ${reason})`, async () => {});
    else options.test(`${prefix}${conformanceCase.name}`, () => runCase(conformanceCase, options));
  }
}

/** Runs one case on a fresh subject, and destroys the subject whatever came of it. */
export async function runCase<S>(
  conformanceCase: ConformanceCase<S>,
  { create, destroy = disposeOf }: Pick<KitOptions<S>, "create" | "destroy">,
): Promise<void> {
  const subject = await create();
  try {
    await conformanceCase.run(subject);
  } finally {
    await destroy(subject);
  }
}

/**
 * For authors of conformance kits: the names of the cases that none of the broken implementations fails. A case that cannot
 * fail proves nothing.
 *
 * @param broken by a word for what is wrong with it: a fresh subject, which is disposed of after each case if it can be
 * @param options.patience milliseconds after which an implementation that leaves a case hanging counts as failing it; 2000
 * @example
 * test("every case can fail", async () => expect(await casesThatNothingFails(splitStepCases, brokenSplits)).toEqual([]));
 */
export async function casesThatNothingFails<S>(
  cases: readonly ConformanceCase<S>[],
  broken: Readonly<Record<string, () => Promise<S> | S>>,
  { patience = 2000 }: { readonly patience?: number } = {},
): Promise<string[]> {
  const unproven: string[] = [];
  for (const conformanceCase of cases) {
    let failed = false;
    for (const create of Object.values(broken)) {
      failed ||= await fails(runCase(conformanceCase, { create }), patience);
      if (failed) break;
    }
    if (!failed) unproven.push(conformanceCase.name);
  }
  return unproven;
}

async function fails(attempt: Promise<void>, patience: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const hanging = new Promise<true>((resolve) => {
    timer = setTimeout(() => resolve(true), patience);
  });
  const failed = attempt.then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([failed, hanging]);
  } finally {
    clearTimeout(timer);
  }
}

function checkedSkips(names: readonly string[], skip: Readonly<Record<string, string>>): Map<string, string> {
  for (const [name, reason] of Object.entries(skip)) {
    if (!names.includes(name)) {
      throw new TenonError("CONFORMANCE_FAILED", {
        doing: "reading which conformance cases to skip",
        found: `there is no case '${name}'`,
        fix: `Did you mean '${closest(name, names)}'?`,
      });
    }
    if (reason.trim() === "") {
      throw new TenonError("CONFORMANCE_FAILED", {
        doing: "reading which conformance cases to skip",
        found: `the case '${name}' is to be skipped without a reason`,
        fix: "Say in the value why this implementation cannot keep the promise.",
      });
    }
  }
  return new Map(Object.entries(skip));
}

async function disposeOf(subject: unknown): Promise<void> {
  const { dispose } = subject as { dispose?: () => Promise<void> | void };
  if (typeof dispose === "function") await dispose.call(subject);
}
