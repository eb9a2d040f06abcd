export { defineArtifactStore } from "../contracts/component.js";
export { type ArtifactStoreKitOptions, type ArtifactStoreSubject, artifactStoreCases, testArtifactStore } from "./artifact-store.js";
export { type IntegrationKitOptions, integrationCases, testIntegration } from "./integration.js";
export { type ConformanceCase, casesThatNothingFails, type KitOptions, registerCases, runCase, type TestFunction } from "./kit.js";
export { type MaterializerKitOptions, type MaterializerSubject, materializerCases, testMaterializer } from "./materializer.js";
export { MemoryArtifactStore } from "./memory-artifact-store.js";
export { MemoryMetadataStore } from "./memory-metadata-store.js";
export {
  type MetadataStoreKitOptions,
  type MetadataStoreSubject,
  metadataStoreCases,
  type OtherProcess,
  testMetadataStore,
} from "./metadata-store.js";
export { type OrchestratorSubject, orchestratorCases, testOrchestrator } from "./orchestrator.js";
