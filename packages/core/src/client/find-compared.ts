import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { Ledger } from "../ledger/ledger.js";
import { compareRuns } from "./compare-runs.js";
import type { ComparedRuns } from "./compared-runs.js";
import type { Connection } from "./connection.js";
import { findRun } from "./runs.js";

/** @throws `RUN_UNKNOWN`, `RUNS_NOT_COMPARABLE` */
export async function findAndCompare(
  { kernel, ledger }: Connection,
  references: readonly string[],
): Promise<ComparedRuns> {
  const runs = [];
  for (const reference of references) {
    try {
      runs.push(await findRun(ledger, reference));
    } catch (error) {
      if (!TenonError.is(error, "RUN_UNKNOWN")) throw error;
      const elsewhere = await stackThatHas(kernel, ledger, reference);
      if (elsewhere === undefined) throw error;
      throw new TenonError("RUNS_NOT_COMPARABLE", {
        doing: `comparing the runs ${references.join(", ")}`,
        found: `run ${reference} is in the stores of stack '${elsewhere}', which are others than those of this stack`,
        fix: "Versions and digests mean the same only within one pair of stores: run the pipeline once more on one of the stacks.",
      });
    }
  }
  return compareRuns(ledger, runs);
}

/** The first of the project's other stacks whose ledger knows the run. One that cannot be opened is passed over. */
async function stackThatHas(kernel: Kernel, ledger: Ledger, reference: string): Promise<string | undefined> {
  if (reference === "latest") return undefined;
  for (const name of ["local", ...Object.keys(kernel.project.config.stacks ?? {})]) {
    try {
      const { metadataStore } = await kernel.resolveStack(name, { kinds: ["metadataStore"] });
      const other = await Ledger.open(metadataStore, { project: kernel.project.name });
      if (other.id !== ledger.id && (await other.findRuns(reference)).length > 0) return name;
    } catch (error) {
      if (!TenonError.is(error)) throw error;
    }
  }
  return undefined;
}
