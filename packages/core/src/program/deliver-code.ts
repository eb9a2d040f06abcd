import { setTimeout as sleep } from "node:timers/promises";
import { packFiles } from "../code/archive.js";
import { bundleFiles } from "../code/bundle-files.js";
import { reachedFiles } from "../compiler/reached-files.js";
import type { CodeSetting } from "../contracts/code-setting.js";
import type { SessionBundle } from "../ledger/code-records.js";
import { type BundledCode, type CodePlace, sharedCode } from "./bootstrap.js";
import type { Execution } from "./execute.js";
import type { Stores } from "./stores.js";

const COLLECTOR_TURN_MS = 250;
const COLLECTOR_TURNS = 40;

/**
 * Where the processes of a run find its code, as the orchestrator's `code` setting says; a bundle is packed and stored.
 *
 * @throws `CODE_NOT_PACKED`, and what the store throws
 */
export async function deliverCode(
  setting: CodeSetting,
  { kernel, stores, plan, steps, record, session, earlier }: DeliveredRun,
): Promise<CodePlace> {
  if (setting === "shared") return sharedCode(kernel.project);
  const { bundle = {} } = setting === "bundle" ? {} : setting;
  const { project } = kernel;
  // What is done already needs no code.
  const left = plan.steps.filter(({ id }) => !earlier?.done.has(id));
  const reached = await reachedFiles({ ...plan, steps: left }, project, steps ?? new Map());
  const { bytes, digest } = await packFiles(await bundleFiles(project.code, reached));
  const location = `${stores.ledger.id}/${stores.ledger.project}/code/${digest.replace(/^sha256:/, "")}`;
  await hold(stores, { runId: record.id, session, digest }, location);
  const key = `${location}/bundle.tar`;
  await store(stores, key, bytes);
  const { runtime = project.code, packages = "install", cache, node } = bundle;
  return {
    kind: "bundle",
    digest,
    key,
    runtime,
    packages,
    ...(cache !== undefined && { cache }),
    ...(node !== undefined && { node }),
  } satisfies BundledCode;
}

type DeliveredRun = Pick<Execution, "kernel" | "stores" | "plan" | "steps" | "session"> & {
  readonly record: { readonly id: string };
  readonly earlier?: { readonly done: Pick<ReadonlySet<string>, "has"> };
};

/** On record before it is stored: whoever collects garbage sees that it is used, or is waited for. */
async function hold({ ledger }: Stores, bundle: SessionBundle, location: string): Promise<void> {
  await ledger.code.saveBundle(bundle);
  for (let turn = 0; turn < COLLECTOR_TURNS; turn++) {
    const { places } = await ledger.holds.take(bundle.runId, [], [location]);
    if (places.size === 0) return;
    await sleep(COLLECTOR_TURN_MS);
  }
  // Its mark is what a collector that was killed has left.
}

async function store({ stack }: Stores, key: string, bytes: Uint8Array): Promise<void> {
  const { artifactStore } = stack;
  const there = await artifactStore.stat(key);
  if (there?.size === bytes.length) return;
  // One of another size is damaged.
  await artifactStore.write(key, bytes, there ? {} : { ifAbsent: true });
}
