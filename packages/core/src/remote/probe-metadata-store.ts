import { randomUUID } from "node:crypto";
import type { MetadataStore } from "../contracts/metadata-store.js";
import type { ProbeFinding } from "../contracts/probe.js";
import { TenonError } from "../errors.js";

/** Tries a metadata store with a record of its own, through its contract alone: for those that have no `probe`. */
export async function probeMetadataStore(store: MetadataStore): Promise<readonly ProbeFinding[]> {
  const findings: ProbeFinding[] = [];
  const key = `tenon-probe/${randomUUID()}`;
  const value = "a probe of Tenon's; it may be deleted";
  const attempt = async (tried: string, work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      findings.push({ tried });
      return true;
    } catch (error) {
      findings.push({ tried, error: error instanceof Error ? error : new Error(String(error)) });
      return false;
    }
  };
  // Where nothing answers, each further try would say the same.
  if (!(await attempt("reading a record", () => store.get(key)))) return findings;
  if (!(await attempt("inserting a record", () => store.insert([{ key, value }])))) return findings;
  await attempt("reading it back", async () => {
    if ((await store.get(key)) !== value) throw unsuitable("another value comes back than was written");
  });
  await attempt("inserting only what is not there", async () => {
    if ((await store.insert([{ key, value }])).inserted) throw unsuitable("a record can be inserted twice");
  });
  await attempt("finding it by its prefix", async () => {
    const [found] = await store.scan(key, { limit: 1 });
    if (found?.value !== value) throw unsuitable("it does not find what was written");
  });
  await attempt("deleting it", () => store.delete([key]));
  return findings;
}

function unsuitable(found: string): TenonError {
  return new TenonError("STORE_UNSUITABLE", {
    doing: "trying the metadata store",
    found,
    fix: "Use another server, or another version of it.",
  });
}
