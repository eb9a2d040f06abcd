import { hostname } from "node:os";
import { ulid } from "ulid";
import { planDigest } from "../compiler/plan-digest.js";
import { readPlan } from "../compiler/read-plan.js";
import { writePlan } from "../compiler/write-plan.js";
import { apiVersion } from "../contracts/integration.js";
import type { Plan } from "../contracts/plan.js";
import { type ErrorCode, TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { openKernel } from "../kernel/open-kernel.js";
import type { RunSource } from "../ledger/code-records.js";
import type { ErrorRecord, RunRecord } from "../ledger/records.js";
import { checkCapabilities } from "../program/capabilities.js";
import { execute } from "../program/execute.js";
import { storeLiterals } from "../program/literals.js";
import { savePlan } from "../program/plan-files.js";
import { presentCode } from "../program/present-code.js";
import { userName } from "../program/run.js";
import { openStores, type Stores } from "../program/stores.js";
import { toErrorRecord } from "../runtime/error-record.js";
import { driverName } from "../runtime/session.js";
import { compareReproduction } from "./compare-reproduction.js";
import type { ReproduceRequest } from "./reproduce.js";
import { reproducedPlan } from "./reproduced-plan.js";
import type { Reproduction } from "./reproduction.js";

export type ReproduceAnswer =
  | { readonly result: Reproduction }
  | {
      readonly failure: {
        readonly code?: ErrorCode;
        readonly doing: string;
        readonly found: string;
        readonly fix?: string;
      };
      readonly record: ErrorRecord;
    };

/** Does what `TENON_REPRODUCE` asks for, and sends the outcome to the process that has started this one. */
export async function answerReproduction(): Promise<void> {
  const abort = new AbortController();
  // Ctrl-C reaches the parent too, which passes it on in order.
  process.on("SIGINT", () => {});
  process.on("message", () => abort.abort(new Error("The reproduction was cancelled")));
  process.on("disconnect", () => abort.abort(new Error("The process that asked for the reproduction has ended")));
  const request = JSON.parse(process.env.TENON_REPRODUCE ?? "null") as ReproduceRequest;
  let answer: ReproduceAnswer;
  try {
    answer = { result: await reproduceHere(request, abort.signal) };
  } catch (error) {
    const known = TenonError.is(error) ? error : undefined;
    const { doing = "", found = "", fix } = known ?? {};
    answer = {
      failure: { ...(known && { code: known.code }), doing, found, ...(fix !== undefined && { fix }) },
      record: toErrorRecord(error),
    };
  }
  process.send?.(answer, () => process.disconnect());
}

async function reproduceHere(request: ReproduceRequest, signal: AbortSignal): Promise<Reproduction> {
  const { root, stateDirectory, checkout, stack, runId } = request;
  const kernel = await openKernel({ root, stateDirectory, ...(checkout && { checkout }) });
  try {
    return await repeat(kernel, await openStores(kernel, stack), runId, signal);
  } finally {
    await kernel.dispose();
  }
}

async function repeat(kernel: Kernel, stores: Stores, runId: string, signal: AbortSignal): Promise<Reproduction> {
  const { ledger, vault, stack } = stores;
  const run = await ledger.run(runId);
  const text = run && (await ledger.plan(run.plan));
  if (!run || text === undefined) {
    throw new TenonError("PLAN_UNKNOWN", { doing: `reproducing run ${runId}`, found: "its plan is gone" });
  }
  const recorded = await readPlan(text);
  await checkCapabilities(recorded, stack, kernel);
  const own = reproducedPlan(recorded);
  const ownText = writePlan(own);
  const digest = planDigest(ownText);
  const [present, literals, sources] = await Promise.all([
    presentCode(own, kernel.project, new Set()),
    storeLiterals(recorded, new Map(), stores),
    ledger.code.sources(runId),
    savePlan(kernel.project, stores, { pipeline: own.pipeline, digest, text: ownText }),
  ]);
  const record: RunRecord = {
    id: ulid(),
    pipeline: own.pipeline,
    plan: digest,
    stack: stack.record,
    created: new Date().toISOString(),
    user: userName(),
    host: hostname(),
    parameterOrigins: run.parameterOrigins,
    tags: ["reproduction"],
    ...(kernel.project.checkout && { git: { commit: kernel.project.checkout.commit, dirty: false } }),
    versions: { core: apiVersion, node: process.versions.node },
    cache: false,
    reproduces: runId,
  };
  const session = await ledger.startRun(record, driverName());
  const parts = new Map(
    [...present.code.values()].flatMap((one) => (one.fingerprint && one.parts ? [[one.fingerprint, one.parts]] : [])),
  );
  await Promise.all([
    // References mean what they meant then, whatever has been published since.
    ledger.pins.copy(runId, record.id),
    ledger.code.saveSources({ runId: record.id, session: session.number, sources }),
    ledger.code.keep(parts),
  ]);
  const executed = await execute({
    kernel,
    stores,
    plan: uncached(present.plan),
    digest,
    record,
    session: session.number,
    literals,
    steps: present.steps,
    force: true,
    signal,
  });
  const { code, artifacts } = await compareReproduction(
    { ledger, vault },
    { recorded, present: present.plan, runId, own: record.id },
  );
  return {
    runId: record.id,
    reproduces: runId,
    status: executed.status,
    same: artifacts.every(({ verdict }) => verdict === "same" || verdict === "not deterministic"),
    code: code.map((one) => ({ ...one, reference: referenceOf(sources, one.step, recorded) })),
    artifacts,
    failures: executed.failures.map(({ stepId, failure }) => ({ stepId, message: failure.record.message })),
  };
}

/** What a reproduction makes is not for later runs to find: without fingerprints nothing gets into the cache. */
function uncached(plan: Plan): Plan {
  return { ...plan, steps: plan.steps.map(({ fingerprint: _, ...step }) => step) };
}

function referenceOf(sources: readonly RunSource[], step: string, plan: Plan): string {
  const found = sources.find(({ steps }) => steps.includes(step))?.reference;
  return found ?? plan.steps.find(({ id }) => id === step)?.source.module ?? "";
}
