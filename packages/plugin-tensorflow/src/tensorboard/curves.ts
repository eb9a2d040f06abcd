import type { Event } from "@tenon/tfrecord";
import type { ScalarPoint } from "./tensorboard-log.js";

/** Gathers the curves of a log while its events are gone through. */
export class Curves {
  readonly #points = new Map<string, ScalarPoint[]>();

  /** Takes the scalars of an event; others have none. */
  add(event: Event & { readonly run: string }): void {
    if (event.kind !== "summary") return;
    const { run, step, wallTime } = event;
    for (const value of event.values) {
      if (value.kind !== "scalar") continue;
      const name = curveName(run, value.tag);
      const curve = this.#points.get(name) ?? [];
      this.#points.set(name, curve);
      curve.push({ step, value: value.value, wallTime });
    }
  }

  /** By name, each by its steps. */
  sorted(): ReadonlyMap<string, readonly ScalarPoint[]> {
    for (const curve of this.#points.values())
      curve.sort((one, other) => one.step - other.step || one.wallTime - other.wallTime);
    return new Map([...this.#points].sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}

/** `validation/epoch_loss`; a tag alone in a log's own directory. */
export function curveName(run: string, tag: string): string {
  return run === "" ? tag : `${run}/${tag}`;
}
