import { packFiles } from "../code/archive.js";
import { bundleFiles } from "../code/bundle-files.js";
import { reachedFiles } from "../compiler/reached-files.js";
import type { CodeSetting } from "../contracts/code-setting.js";
import { type BundledCode, type CodePlace, sharedCode } from "./bootstrap.js";
import type { Execution } from "./execute.js";
import type { Stores } from "./stores.js";

/**
 * Where the processes of a run find its code, as the orchestrator's `code` setting says; a bundle is packed and stored.
 *
 * @throws `CODE_NOT_PACKED`, and what the store throws
 */
export async function deliverCode(
  setting: CodeSetting,
  { kernel, stores, plan, steps, record, session }: DeliveredRun,
): Promise<CodePlace> {
  if (setting === "shared") return sharedCode(kernel.project);
  const { bundle = {} } = setting === "bundle" ? {} : setting;
  const { project } = kernel;
  const reached = await reachedFiles(plan, project, steps ?? new Map());
  const { bytes, digest } = await packFiles(await bundleFiles(project.code, reached));
  // On record first: whoever collects garbage must know of it before it is there.
  await stores.ledger.code.saveBundle({ runId: record.id, session, digest });
  const key = bundleKey(stores, digest);
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
};

export function bundleKey({ ledger }: Pick<Stores, "ledger">, digest: string): string {
  return `${ledger.id}/${ledger.project}/code/${digest.replace(/^sha256:/, "")}.tar`;
}

async function store({ stack }: Stores, key: string, bytes: Uint8Array): Promise<void> {
  const { artifactStore } = stack;
  const there = await artifactStore.stat(key);
  if (there?.size === bytes.length) return;
  // One of another size is damaged.
  await artifactStore.write(key, bytes, there ? {} : { ifAbsent: true });
}
