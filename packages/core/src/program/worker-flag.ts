import { TenonError } from "../errors.js";

const flag = Symbol.for("tenon.worker");

/** From now on this process runs steps for a driver elsewhere. */
export function markWorker(): void {
  (globalThis as { [flag]?: boolean })[flag] = true;
}

/** @throws `RUN_IN_WORKER` */
export function refuseInWorker(doing: string): void {
  if (!(globalThis as { [flag]?: boolean })[flag]) return;
  throw new TenonError("RUN_IN_WORKER", {
    doing,
    found: "this process runs a step of another run, and has imported the step's module, which starts a run",
    fix: "Start runs in a module of their own, or only if the module is the program: if (import.meta.filename === process.argv[1]) await run(…).",
  });
}
