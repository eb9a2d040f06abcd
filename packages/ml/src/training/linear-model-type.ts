import { type ArtifactType, artifactType } from "@tenon/core";
import type { LinearModel } from "./linear-model.js";

/** What `linear()` fits. */
export const linearModel: ArtifactType<LinearModel> = artifactType("ml/LinearModel");
