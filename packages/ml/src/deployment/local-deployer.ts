import { defineComponent } from "@tenon/core";
import { z } from "zod";
import { modelDeployer } from "./model-deployer.js";

const config = z.object({
  /** The address to listen on; by default 127.0.0.1: only this machine can ask. */
  host: z.string().default("127.0.0.1"),
  /** By default 0: any that is free. */
  port: z.int().min(0).max(65_535).default(0),
  /** The largest body of a request, in bytes. */
  largestBody: z
    .int()
    .positive()
    .default(16 * 1024 * 1024),
});

export type LocalDeployerConfig = z.output<typeof config>;

/**
 * Serves models by processes on this machine.
 *
 * @example stack({ …, modelDeployer: localDeployer({ port: 8501 }) })
 */
export const localDeployer = defineComponent(modelDeployer, {
  flavor: "local",
  config,
  load: () => import("./local-model-deployer.js"),
});
