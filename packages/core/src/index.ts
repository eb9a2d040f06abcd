export { defineArtifactStore } from "./contracts/component.js";
