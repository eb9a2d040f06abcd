import { defineIntegration, defineOrchestrator } from "@tenon/core";
import { slurmConfig, slurmEngine } from "./slurm-config.js";

/**
 * Runs every step of a pipeline as a job of a Slurm cluster.
 *
 * @example slurm({ partition: "batch", setup: ["module load nodejs/22"] })
 */
export const slurm = defineOrchestrator({ flavor: "slurm", config: slurmConfig, engine: slurmEngine, load: () => import("./slurm-launcher.js") });

export default defineIntegration({ name: "slurm", components: [slurm] });
