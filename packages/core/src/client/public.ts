/** What of this room anybody may use. */
export type { ArtifactCollection, ArtifactQuery } from "./artifact-collection.js";
export { Client, type ClientOptions } from "./client.js";
export type { Garbage, GarbageOptions } from "./collect-garbage.js";
export type { Lineage, LineageOptions } from "./lineage.js";
export type { LineageDirection, LineageEdge, LineageGraph, LineageNode } from "./lineage-graph.js";
export { lineageMermaid } from "./lineage-mermaid.js";
export { lineageSvg } from "./lineage-svg.js";
export { lineageTree } from "./lineage-tree.js";
export type { Listing, Page, PageRequest } from "./listing.js";
export type { ModelCollection } from "./model-collection.js";
export type { ModelSummary, ModelVersion } from "./models.js";
export type { RecordedArtifact, RecordedOutput, ValueAccess } from "./recorded-artifact.js";
export type { RecordedPipeline } from "./recorded-pipeline.js";
export type { RecordedRun, RunStep } from "./recorded-run.js";
export type { RemovedRun } from "./remove-runs.js";
export type { RunCollection, RunQuery } from "./run-collection.js";
