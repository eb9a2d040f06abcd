import { canonicalText } from "../contracts/canonical.js";
import type { JsonObject } from "../contracts/json.js";
import { suggest } from "../contracts/nearest.js";
import {
  type ArtifactTarget,
  describeTarget,
  isModelTarget,
  isOutputTarget,
  type OutputTarget,
  type ReferenceTarget,
  selectorOf,
} from "../contracts/reference.js";
import { type ErrorCode, TenonError } from "../errors.js";
import { type ArtifactVersions, artifactId } from "./artifact-versions.js";
import { modelId } from "./model-links.js";
import type { Models, ModelVersionRecord } from "./models.js";
import type { Pins } from "./pins.js";
import type { ArtifactVersionRecord } from "./records.js";
import type { Runs } from "./runs.js";
import type { StepRuns } from "./step-runs.js";

/** What a reference means: an artifact, found through a model or not, or a model version alone. */
export interface Referenced {
  readonly artifact?: ArtifactVersionRecord;
  readonly model?: ModelVersionRecord;
}

/** Looks one selector up, or remembers how it was answered before. */
type Settle = (selector: JsonObject, find: () => Promise<Referenced>) => Promise<Referenced>;

/** Finds what references mean: now, or for a run, for which the first answer stands. */
export class References {
  constructor(
    private readonly versions: ArtifactVersions,
    private readonly models: Models,
    private readonly runs: Runs,
    private readonly stepRuns: StepRuns,
    private readonly pins: Pins,
  ) {}

  /**
   * Nothing, for an optional reference to what is not there.
   *
   * @throws `ARTIFACT_UNKNOWN`, `MODEL_UNKNOWN`, `MODEL_STAGE_UNKNOWN`, `RUN_UNKNOWN`, `STEP_UNKNOWN`: each says what there is
   */
  async find(target: ReferenceTarget): Promise<Referenced> {
    return await this.#resolve(target, (_, find) => orNothing(find, target));
  }

  /**
   * The same for a run: references that mean the same get one answer, however often and by whomever they are asked.
   *
   * @throws as `find`; `ARTIFACT_MISSING` if what the run has settled on was deleted since
   */
  async findFor(runId: string, target: ReferenceTarget): Promise<Referenced> {
    return await this.#resolve(target, async (selector, find) => {
      const text = canonicalText(selector);
      const [pin] = await this.pins.get(runId, [text]);
      const found = pin ? undefined : await orNothing(find, target);
      const settled =
        pin ??
        (await this.pins.settle(runId, text, {
          ...(found?.artifact && { artifact: artifactId(found.artifact) }),
          ...(found?.model && { model: found.model }),
        }));
      if (found && sameAs(settled, found)) return found;
      const { artifact, model } = settled;
      const doing = `looking for ${describeTarget(target)}`;
      return {
        ...(artifact !== undefined && { artifact: present(await this.versions.get(artifact), artifact, doing) }),
        ...(model !== undefined && { model: present(await this.#model(model), model, doing) }),
      };
    });
  }

  async #resolve(target: ReferenceTarget, settle: Settle): Promise<Referenced> {
    const selector = selectorOf(target) as JsonObject;
    if (isOutputTarget(target)) return await settle(selector, async () => ({ artifact: await this.#output(target) }));
    if (!isModelTarget(target)) return await settle(selector, async () => ({ artifact: await this.#artifact(target) }));
    const { model } = await settle(selector, async () => ({ model: await this.models.find(target.model, target) }));
    const { artifact } = target;
    if (artifact === undefined || model === undefined) return model ? { model } : {};
    const inside = { model: modelId(model), artifact };
    const found = await settle(inside, async () => ({ artifact: await this.#inModel(model, artifact) }));
    return { model, ...found };
  }

  async #model(id: string): Promise<ModelVersionRecord | undefined> {
    const at = id.lastIndexOf("@");
    return await this.models.get(id.slice(0, at), id.slice(at + 1));
  }

  async #artifact({ artifact: name, version }: ArtifactTarget): Promise<ArtifactVersionRecord> {
    const found = await (version === undefined ? this.versions.latest(name) : this.versions.get(`${name}@${version}`));
    if (found) return found;
    const versions = (await this.versions.list(name, { limit: 20 })).map((artifact) => artifact.version);
    const known = versions.length > 0 ? versions : await this.versions.names({ limit: 1000 });
    if (versions.length > 0) {
      const doing = `looking for version '${version}' of the artifact '${name}'`;
      throw unknown("ARTIFACT_UNKNOWN", doing, `it has the versions ${listed(known)}`, String(version), known);
    }
    const found_ = known.length === 0 ? "there are no artifacts yet" : `there are ${listed(known)}`;
    const otherwise = "Make it first: run the pipeline that gives it, or commit the datasource.";
    throw unknown("ARTIFACT_UNKNOWN", `looking for the artifact '${name}'`, found_, name, known, otherwise);
  }

  /** The newest of that name, if several came to the model. */
  async #inModel(model: ModelVersionRecord, name: string): Promise<ArtifactVersionRecord> {
    const links = await this.models.links.artifacts(model, name);
    const records = await this.versions.getMany([...new Set(links.map(({ artifact }) => artifact))]);
    const newest = records.reduce((a, b) => (!a || (b && b.number > a.number) ? b : a), undefined);
    if (newest) return newest;
    const ids = (await this.models.links.artifacts(model)).map(({ artifact }) => artifact);
    const names = [...new Set(ids.map((id) => id.slice(0, id.lastIndexOf("@"))))];
    const doing = `looking for the artifact '${name}' in version ${model.version} of the model '${model.name}'`;
    const found = names.length === 0 ? "it has no artifacts" : `it has ${listed(names)}`;
    throw unknown("ARTIFACT_UNKNOWN", doing, found, name, names);
  }

  async #output({ run: runId, step: stepId, output }: OutputTarget): Promise<ArtifactVersionRecord> {
    const step = await this.stepRuns.get(runId, stepId);
    const id = step && Object.hasOwn(step.outputs, output) ? step.outputs[output] : undefined;
    const found = id === undefined ? undefined : await this.versions.get(id);
    if (found) return found;
    const run = await this.runs.get(runId);
    if (!run) {
      const ids = (await this.runs.list({ limit: 50 })).map(({ id }) => id);
      const newest = ids.length === 0 ? "there are no runs yet" : `the newest runs are ${listed(ids.slice(0, 5))}`;
      throw unknown("RUN_UNKNOWN", `looking for the run '${runId}'`, newest, runId, ids);
    }
    if (!step) {
      const steps = (await this.stepRuns.list(runId)).map((one) => one.stepId);
      const doing = `looking for step '${stepId}' of run ${runId}`;
      const recorded = steps.length === 0 ? "none of its steps has ended" : `its steps are ${listed(steps)}`;
      throw unknown("STEP_UNKNOWN", doing, recorded, stepId, steps);
    }
    const outputs = Object.keys(step.outputs);
    const made = outputs.length === 0 ? `it was ${step.status} and has none` : `its outputs are ${listed(outputs)}`;
    const doing = `looking for output '${output}' of step '${stepId}' of run ${runId}`;
    throw unknown("ARTIFACT_UNKNOWN", doing, made, output, outputs);
  }
}

/** What is found; nothing, if that is not there and the reference allows for it. */
async function orNothing(find: () => Promise<Referenced>, { optional }: ReferenceTarget): Promise<Referenced> {
  if (optional !== true) return await find();
  return await find().catch((error: unknown) => {
    if (absences.some((code) => TenonError.is(error, code))) return {};
    throw error;
  });
}

const absences: readonly ErrorCode[] = [
  "ARTIFACT_UNKNOWN",
  "MODEL_UNKNOWN",
  "MODEL_STAGE_UNKNOWN",
  "RUN_UNKNOWN",
  "STEP_UNKNOWN",
];

function sameAs(
  pin: { readonly artifact?: string; readonly model?: string },
  { artifact, model }: Referenced,
): boolean {
  return pin.artifact === (artifact && artifactId(artifact)) && pin.model === (model && modelId(model));
}

function present<T>(found: T | undefined, id: string, doing: string): T {
  if (found !== undefined) return found;
  throw new TenonError("ARTIFACT_MISSING", {
    doing,
    found: `this run has settled on ${id}, whose record was deleted since`,
    fix: "Start a new run, which settles anew.",
  });
}

function listed(names: readonly string[]): string {
  return names.length > 20 ? `${names.slice(0, 20).join(", ")} and ${names.length - 20} more` : names.join(", ");
}

function unknown(
  code: ErrorCode,
  doing: string,
  found: string,
  name: string,
  known: readonly string[],
  otherwise?: string,
): TenonError {
  const fix = suggest(name, known, otherwise);
  return new TenonError(code, { doing, found, ...(fix === undefined ? {} : { fix }) });
}
