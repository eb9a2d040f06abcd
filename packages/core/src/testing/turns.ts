import type { ArtifactStore } from "../contracts/artifact-store.js";
import type { MetadataStore } from "../contracts/metadata-store.js";

/** So many calls of one task; `Infinity` lets it come to its end. */
export interface Segment {
  readonly task: string;
  readonly calls: number;
}

/** Lets several tasks take turns at the calls of their stores, in an order that is settled beforehand. */
export class Turns {
  readonly #segments: (Segment & { left: number })[];
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();
  #waiting: { readonly task: string; readonly go: () => void }[] = [];
  /** Calls that were made, by task. */
  readonly calls = new Map<string, number>();

  /** Resolves when nobody whose turn it is has anything to do: those who wait do so for ever. */
  readonly stuck: Promise<"stuck">;
  #declareStuck!: () => void;

  constructor(segments: readonly Segment[]) {
    this.#segments = segments.map((segment) => ({ ...segment, left: segment.calls }));
    this.stuck = new Promise((resolve) => {
      this.#declareStuck = () => resolve("stuck");
    });
  }

  async run<T>(task: string, work: () => Promise<T>): Promise<T> {
    this.#begun.add(task);
    try {
      return await work();
    } finally {
      this.#ended.add(task);
      this.#next();
    }
  }

  /** A store whose every call waits for its task's turn. */
  store<S extends MetadataStore | ArtifactStore>(task: string, store: S): S {
    return new Proxy(store, {
      get: (target, name) => {
        const member = Reflect.get(target, name, target) as unknown;
        if (typeof member !== "function") return member;
        if (name === "uri") return member.bind(target);
        if (name === "read") {
          const turn = () => this.#turn(task);
          return async function* (...given: unknown[]) {
            await turn();
            yield* member.apply(target, given) as AsyncIterable<Uint8Array>;
          };
        }
        return async (...given: unknown[]) => {
          await this.#turn(task);
          return member.apply(target, given);
        };
      },
    });
  }

  #turn(task: string): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push({ task, go });
      this.#next();
    });
  }

  #next(): void {
    for (;;) {
      const segment = this.#segments[0];
      if (segment && (segment.left === 0 || this.#ended.has(segment.task))) {
        this.#segments.shift();
        continue;
      }
      const next = this.#waiting.find(({ task }) => segment === undefined || task === segment.task);
      if (!next) {
        if (this.#waiting.length > 0 && segment?.calls === Number.POSITIVE_INFINITY && !this.#begun.has(segment.task)) {
          this.#declareStuck();
        }
        return;
      }
      if (segment) segment.left -= 1;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.calls.set(next.task, (this.calls.get(next.task) ?? 0) + 1);
      next.go();
    }
  }
}
