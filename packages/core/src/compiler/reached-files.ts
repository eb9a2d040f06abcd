import { resolve } from "node:path";
import type { Plan, PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { Project } from "../kernel/project.js";
import { findStep } from "../pipeline/find-step.js";
import { realFile } from "../pipeline/source.js";
import type { StepDefinition } from "../pipeline/step.js";
import { Fingerprinter } from "./fingerprint.js";
import { FingerprintCache } from "./fingerprint-cache.js";
import { identifySteps } from "./sources.js";

/**
 * The project's own files and directories that the steps of a plan, and the modules that `tenon.yaml` names, can reach.
 *
 * @param known steps that are at hand; others are found again @returns absolute paths
 * @throws `CODE_NOT_PACKED` for a step whose code cannot be followed, `STEP_NOT_FOUND_AGAIN`, `STEP_SOURCE_INVALID`
 */
export async function reachedFiles(
  plan: Plan,
  project: Project,
  known: ReadonlyMap<string, StepDefinition>,
): Promise<ReadonlySet<string>> {
  const called: { readonly planned: PlannedStep; readonly step: StepDefinition }[] = [];
  for (const planned of plan.steps) {
    const { id, source, name } = planned;
    called.push({ planned, step: known.get(id) ?? (await findStep({ ...source, name }, project.code)) });
  }
  const identities = await identifySteps(called, { project, fingerprints: true, reach: true });
  const reached = new Set<string>();
  for (const { planned, step } of called) {
    const { files, env } = step.resolved;
    const { source, files: own } = identities.of({ step }, { settings: planned.settings, files, env });
    if (own === undefined && source.version === undefined) throw unfollowable(planned.id);
    for (const file of own ?? []) reached.add(file);
  }
  for (const file of await filesOfModules(project)) reached.add(file);
  return reached;
}

async function filesOfModules({ config, code, stateDirectory }: Project): Promise<string[]> {
  if (!config.materializers?.length) return [];
  const cache = new FingerprintCache(stateDirectory);
  const fingerprinter = new Fingerprinter(cache);
  const files: string[] = [];
  for (const name of config.materializers) {
    const module = await fingerprinter.ofBinding(realFile(resolve(code, name)), undefined);
    if (!module.files) throw unfollowable(name);
    files.push(...module.files);
  }
  cache.save();
  return files;
}

function unfollowable(what: string): TenonError {
  return new TenonError("CODE_NOT_PACKED", {
    doing: `looking for the files that '${what}' can reach`,
    found: "its code cannot be followed",
    fix: 'Mend what the warning of the compilation says, or let all machines see the project: code: "shared".',
  });
}
