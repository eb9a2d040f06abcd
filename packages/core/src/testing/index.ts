export { defineArtifactStore } from "../contracts/component.js";
export { type ConformanceCase, type KitOptions, registerCases, runCase, type TestFunction } from "./kit.js";
export { MemoryMetadataStore } from "./memory-metadata-store.js";
export {
  type MetadataStoreKitOptions,
  type MetadataStoreSubject,
  metadataStoreCases,
  type OtherProcess,
  testMetadataStore,
} from "./metadata-store.js";
