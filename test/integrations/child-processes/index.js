import { defineIntegration, defineOrchestrator } from "@tenon/core";
import { z } from "zod";

export const childProcesses = defineOrchestrator({
  flavor: "child-processes",
  config: z.object({ parallel: z.int().positive().default(2) }),
  load: () => import("./launcher.js"),
});

export default defineIntegration({ name: "child-processes", components: [childProcesses] });
