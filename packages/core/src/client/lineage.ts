import { parseArtifactId } from "../ledger/artifact-versions.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord, StepRunRecord } from "../ledger/records.js";
import { artifactsIn } from "../ledger/run-removal.js";
import type { LineageDirection, LineageEdge, LineageGraph, LineageNode } from "./lineage-graph.js";

export interface LineageOptions {
  /** By default both. */
  readonly direction?: LineageDirection | "both";
  /** How many artifacts away from the one that was asked for; by default as far as it goes. */
  readonly depth?: number;
}

export interface Lineage extends LineageGraph {
  /** The node that was asked for. */
  readonly root: string;
}

type StepKey = `${string}/${string}`;

/**
 * Runs are read whole, one query each, and what they do not tell about artifacts is read level by level: a run with ten
 * thousand steps takes no more queries than one with ten.
 */
class Tracer {
  readonly #ledger: Ledger;
  readonly #loaded = new Map<string, Promise<void>>();
  readonly #steps = new Map<StepKey, StepRunRecord>();
  readonly #producers = new Map<string, StepKey>();
  readonly #consumers = new Map<string, Set<StepKey>>();
  readonly #records = new Map<string, ArtifactVersionRecord | undefined>();
  readonly #searched = new Set<string>();
  readonly artifacts = new Set<string>();
  readonly edges = new Map<string, LineageEdge>();
  readonly shownSteps = new Set<StepKey>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async trace(root: string, direction: LineageDirection, depth: number): Promise<void> {
    const seen = new Set([root]);
    let level = [root];
    this.artifacts.add(root);
    for (let distance = 0; level.length > 0 && distance < depth; distance++) {
      if (direction === "upstream") await this.#findProducers(level);
      else await this.#findConsumers(level);
      const next = new Set<string>();
      for (const id of level) {
        for (const step of this.#stepsOf(id, direction)) {
          this.shownSteps.add(step);
          this.#edge(direction, artifactNodeId(id), stepNodeId(step));
          for (const other of this.#beyond(step, direction)) {
            this.artifacts.add(other);
            this.#edge(direction, stepNodeId(step), artifactNodeId(other));
            if (!seen.has(other)) next.add(other);
            seen.add(other);
          }
        }
      }
      level = [...next];
    }
  }

  async nodes(): Promise<LineageNode[]> {
    await this.#read([...this.artifacts]);
    const runIds = [...new Set([...this.shownSteps].map((key) => key.slice(0, key.indexOf("/"))))];
    const summaries = await this.#ledger.runSummaries(runIds);
    const pipelines = new Map(runIds.map((id, place) => [id, summaries[place]?.pipeline]));
    return [
      ...[...this.artifacts].map((id) => artifactNode(id, this.#records.get(id))),
      ...[...this.shownSteps].map((key) => {
        const step = this.#steps.get(key) as StepRunRecord;
        const detail = [
          pipelines.get(step.runId),
          `run ${step.runId}`,
          step.status === "cached" ? "cached" : undefined,
        ];
        return {
          id: stepNodeId(key),
          kind: "step" as const,
          label: step.stepId,
          detail: detail.filter((part) => part !== undefined).join(", "),
        };
      }),
    ];
  }

  #stepsOf(id: string, direction: LineageDirection): StepKey[] {
    if (direction === "downstream") return [...(this.#consumers.get(id) ?? [])];
    const producer = this.#producers.get(id);
    return producer === undefined ? [] : [producer];
  }

  #beyond(key: StepKey, direction: LineageDirection): string[] {
    const step = this.#steps.get(key) as StepRunRecord;
    return [
      ...new Set(
        direction === "downstream" ? Object.values(step.outputs) : Object.values(step.inputs).flatMap(artifactsIn),
      ),
    ];
  }

  #edge(direction: LineageDirection, near: string, far: string): void {
    const [from, to] = direction === "downstream" ? [near, far] : [far, near];
    const edge = { from, to };
    this.edges.set(`${edge.from} ${edge.to}`, edge);
  }

  async #findProducers(ids: readonly string[]): Promise<void> {
    const unknown = ids.filter((id) => !this.#producers.has(id));
    await this.#read(unknown);
    await Promise.all([...new Set(unknown.flatMap((id) => this.#runOf(id) ?? []))].map((run) => this.#load(run)));
  }

  /** Who took an artifact is in its own run, or in one that uses that run; what no run has made says itself who took it. */
  async #findConsumers(ids: readonly string[]): Promise<void> {
    await this.#findProducers(ids);
    const makers = new Set(ids.flatMap((id) => this.#runOf(id) ?? []));
    const outside = ids.filter((id) => this.#runOf(id) === undefined);
    const users = await Promise.all([
      ...[...makers].filter((run) => this.#first(run)).map((run) => this.#ledger.usersOfRun(run)),
      ...outside.map(async (id) => (await this.#ledger.consumers(id)).map(({ runId }) => runId)),
    ]);
    await Promise.all([...new Set(users.flat())].map((run) => this.#load(run)));
  }

  #first(run: string): boolean {
    if (this.#searched.has(run)) return false;
    this.#searched.add(run);
    return true;
  }

  #runOf(id: string): string | undefined {
    const known = this.#producers.get(id);
    return known === undefined ? this.#records.get(id)?.producer?.runId : known.slice(0, known.indexOf("/"));
  }

  async #read(ids: readonly string[]): Promise<void> {
    const wanted = [...new Set(ids.filter((id) => !this.#records.has(id)))];
    if (wanted.length === 0) return;
    const found = await this.#ledger.artifacts(wanted);
    for (const [place, id] of wanted.entries()) this.#records.set(id, found[place]);
  }

  #load(run: string): Promise<void> {
    const known = this.#loaded.get(run);
    if (known) return known;
    const loading = this.#ledger.stepRuns(run).then((steps) => {
      for (const step of steps) if (step.status === "succeeded" || step.status === "cached") this.#add(step);
    });
    this.#loaded.set(run, loading);
    return loading;
  }

  #add(step: StepRunRecord): void {
    // An element of a map is part of the map's own step.
    if (step.elements) return;
    const key: StepKey = `${step.runId}/${step.stepId}`;
    this.#steps.set(key, step);
    for (const id of Object.values(step.inputs).flatMap(artifactsIn)) {
      const consumers = this.#consumers.get(id) ?? new Set();
      this.#consumers.set(id, consumers.add(key));
    }
    // A cached step has found what it gives; another made it.
    if (step.status === "succeeded") for (const id of Object.values(step.outputs)) this.#producers.set(id, key);
  }
}

/** Upstream to the sources, downstream to everything that was made of it, across pipelines. */
export async function lineageOf(
  ledger: Ledger,
  artifact: string,
  { direction = "both", depth = Number.POSITIVE_INFINITY }: LineageOptions,
): Promise<Lineage> {
  const tracer = new Tracer(ledger);
  if (direction !== "downstream") await tracer.trace(artifact, "upstream", depth);
  if (direction !== "upstream") await tracer.trace(artifact, "downstream", depth);
  return { root: artifactNodeId(artifact), nodes: await tracer.nodes(), edges: [...tracer.edges.values()] };
}

function artifactNodeId(id: string): string {
  return `artifact:${id}`;
}

function stepNodeId(key: StepKey): string {
  return `step:${key}`;
}

function artifactNode(id: string, record: ArtifactVersionRecord | undefined): LineageNode {
  const { name, version } = parseArtifactId(id);
  const detail = record === undefined ? "not on record" : record.removed === undefined ? record.type : "removed";
  return { id: artifactNodeId(id), kind: "artifact", label: `${name}@${version}`, detail };
}
