import { jsonDigest } from "../contracts/canonical.js";
import { metadataValue } from "../contracts/metadata-values.js";
import type { PlannedInput, PlannedStep, ReferenceInput } from "../contracts/plan.js";
import { describeTarget, type ReferenceTarget } from "../contracts/reference.js";
import { TenonError } from "../errors.js";
import { artifactId } from "../ledger/artifact-versions.js";
import { modelId } from "../ledger/model-links.js";
import type { ModelVersionRecord } from "../ledger/models.js";
import type { ArtifactVersionRecord, MetadataInput } from "../ledger/records.js";
import type { Referenced } from "../ledger/references.js";
import { type ResolvedReference, referenceKey } from "./resolve-inputs.js";
import type { RunContext } from "./run-context.js";

/** Settles the references of steps as the steps start; what a run has settled on holds for all of its steps. */
export class ReferenceResolver {
  readonly #run: RunContext;
  readonly #resolved = new Map<string, Promise<ResolvedReference>>();

  constructor(run: RunContext) {
    this.#run = run;
  }

  /**
   * By `referenceKey`.
   *
   * @throws as `References.findFor`; `METADATA_UNKNOWN`, `METADATA_INVALID`; `ARTIFACT_MISSING` if the bytes are gone
   */
  async ofStep(step: PlannedStep): Promise<ReadonlyMap<string, ResolvedReference>> {
    const wanted = new Map<string, ReferenceInput>();
    for (const input of Object.values(step.inputs)) {
      for (const one of referencesIn(input)) wanted.set(referenceKey(one.reference), one);
    }
    const found = new Map<string, ResolvedReference>();
    if (wanted.size === 0) return found;
    await Promise.all([...wanted].map(async ([key, input]) => found.set(key, await this.#once(key, input))));
    return found;
  }

  #once(key: string, { reference }: ReferenceInput): Promise<ResolvedReference> {
    const known = this.#resolved.get(key);
    if (known) return known;
    const resolving = this.#resolve(reference as unknown as ReferenceTarget);
    resolving.catch(() => this.#resolved.delete(key));
    this.#resolved.set(key, resolving);
    return resolving;
  }

  async #resolve(target: ReferenceTarget): Promise<ResolvedReference> {
    const { id, ledger, vault, artifacts } = this.#run;
    const found = await ledger.references.findFor(id, target);
    if (target.optional && !found.artifact) return { input: nothing };
    if (found.artifact && (await ledger.holds.take(id, [found.artifact])).artifacts.size > 0) {
      throw deleted(target, found.artifact);
    }
    if (target.metadata !== undefined) return { input: await this.#metadata(target, target.metadata, found) };
    const record = found.artifact as ArtifactVersionRecord;
    if (record.removed !== undefined || !(await vault.exists(record))) throw deleted(target, record);
    artifacts.remember([record]);
    const as = target.type !== undefined && target.type !== record.type ? { as: target.type } : undefined;
    const input = { artifact: artifactId(record), digest: record.digest, ...as, ...through(found) };
    return { input, record };
  }

  async #metadata(target: ReferenceTarget, key: string, { artifact, model }: Referenced): Promise<MetadataInput> {
    const { links } = this.#run.ledger.models;
    const values = artifact ? artifact.metadata : await links.metadata(model as ModelVersionRecord);
    const of = artifact ? `the artifact ${artifactId(artifact)}` : `the model ${modelId(model as ModelVersionRecord)}`;
    const value = metadataValue(values, key, of, target.expects);
    const from = artifact && { artifact: artifactId(artifact) };
    return { ...from, ...through({ ...(model && { model }) }), metadata: key, value, digest: jsonDigest(value) };
  }
}

/** What an optional reference to something that is not there stands for: the value null. */
const nothing: MetadataInput = { metadata: "none", value: null, digest: jsonDigest(null) };

/** The model version on the way. */
function through({ model }: Referenced): { model?: string } {
  return model ? { model: modelId(model) } : {};
}

function referencesIn(input: PlannedInput): ReferenceInput[] {
  if (input.from === "reference") return [input];
  if (input.from === "list") return input.items.flatMap(referencesIn);
  return input.from === "each" ? referencesIn(input.list) : [];
}

function deleted(target: ReferenceTarget, record: ArtifactVersionRecord): TenonError {
  return new TenonError("ARTIFACT_MISSING", {
    doing: `looking for ${describeTarget(target)}`,
    found: `it is ${artifactId(record)}, which is on record, but its bytes were deleted`,
    fix: "Name another version, or make this one again by running its pipeline.",
  });
}
