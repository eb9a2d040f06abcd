import type { PipelineDefinition, PipelineOutputs } from "../pipeline/pipeline.js";
import type { Connect } from "./references.js";
import { RunCollection } from "./run-collection.js";

/** A pipeline as the records know it: by its name. */
export class RecordedPipeline<Outputs = Readonly<Record<string, unknown>>> {
  readonly name: string;
  /** Its runs; from a definition their outputs have their types. */
  readonly runs: RunCollection<Outputs>;

  constructor(name: string, connect: Connect) {
    this.name = name;
    this.runs = new RunCollection<Outputs>(connect, name);
  }
}

export type OutputsOf<P> = P extends PipelineDefinition ? PipelineOutputs<P> : Readonly<Record<string, unknown>>;
