import { artifactType, defineArtifactStore, defineIntegration } from "@tenon/core";
import { z } from "zod";

const load = () => import("./scratch.js");
export const url = artifactType("scratch/URL");
export const scratch = defineArtifactStore({ flavor: "scratch", config: z.object({}), load });
const materializers = [{ type: url, writes: "url", load }];
export default defineIntegration({ name: "scratch", components: [scratch], materializers });
