import type { Stack } from "../kernel/stack-definition.js";
import { type ConformanceCase, type KitOptions, registerCases } from "./kit.js";
import { OrchestratorBench } from "./orchestrator-bench.js";
import { failureCases } from "./orchestrator-failures.js";
import { flowCases } from "./orchestrator-flow.js";
import { interruptionCases } from "./orchestrator-interruptions.js";
import { launchCases } from "./orchestrator-launches.js";
import { recoveryCases } from "./orchestrator-recovery.js";

/** A project with a stack, whose orchestrator is tried. */
export interface OrchestratorSubject {
  /** The project's directory: its package.json names the integrations that the stack's components come from. */
  readonly root: string;
  /** Empty, and the case's own. */
  readonly stateDirectory: string;
  /** An orchestrator whose steps run in other processes needs stores that these can open. */
  readonly stack: Stack;
  dispose?(): Promise<void> | void;
}

/** What an orchestrator promises, a case each. */
export const orchestratorCases: readonly ConformanceCase<OrchestratorSubject>[] = [
  ...flowCases,
  ...failureCases,
  ...interruptionCases,
  ...launchCases,
  ...recoveryCases,
].map(({ name, run }) => ({
  name,
  async run(subject) {
    const bench = await OrchestratorBench.open(subject);
    try {
      await run(bench);
    } finally {
      await bench.close();
    }
  },
}));

/**
 * Certifies an orchestrator, or a launcher under core's driver, under any test runner.
 *
 * @example
 * testOrchestrator({
 *   test,
 *   create: async () => ({
 *     root: projectDirectory,
 *     stateDirectory: await mkdtemp(join(tmpdir(), "state-")),
 *     stack: stack({ orchestrator: local(), artifactStore: filesystem(), metadataStore: sqlite() }),
 *   }),
 * });
 */
export function testOrchestrator(options: KitOptions<OrchestratorSubject>): void {
  registerCases(orchestratorCases, options);
}
