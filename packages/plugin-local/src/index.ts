import { availableParallelism } from "node:os";
import { defineArtifactStore, defineIntegration, defineMetadataStore, defineOrchestrator } from "@tenon/core";
import * as z from "zod/mini";

const durability = z.optional(z.enum(["process", "power"]));

/**
 * Runs the steps of a pipeline on this machine.
 *
 * @example local({ concurrency: 4, isolation: "process" })
 */
export const local = defineOrchestrator({
  flavor: "local",
  config: z.strictObject({
    /** Steps at the same time, at most; by default as many as there are processors. */
    concurrency: z._default(z.int().check(z.minimum(1), z.maximum(1024)), availableParallelism()),
    /** `process`: each in a child process, so that they use all processors and a crash of one is that step's alone. */
    isolation: z._default(z.enum(["none", "process"]), "none"),
  }),
  load: () => import("./local-launcher.js"),
});

/** Artifacts as files below a directory. */
export const filesystem = defineArtifactStore({ flavor: "filesystem", config: z.strictObject({ path: z.optional(z.string().check(z.minLength(1))), durability }), load: () => import("./filesystem-artifact-store.js") });

/** Metadata in one SQLite file, for many processes at once. */
export const sqlite = defineMetadataStore({ flavor: "sqlite", config: z.strictObject({ file: z.optional(z.string().check(z.minLength(1))), durability, busyTimeout: z.optional(z.int().check(z.minimum(0))) }), load: () => import("./sqlite-metadata-store.js") });

export default defineIntegration({ name: "local", components: [local, filesystem, sqlite] });
