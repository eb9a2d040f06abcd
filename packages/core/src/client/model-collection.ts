import type { ModelStage } from "../contracts/reference.js";
import type { ModelArtifact, ModelRun } from "../ledger/model-links.js";
import type { ModelVersionSummary } from "../ledger/models.js";
import { Listing, type PageRequest } from "./listing.js";
import type { ModelSummary, ModelVersion } from "./models.js";
import type { Connect } from "./references.js";

/** The models of a project, their versions, and the stages that these are in. */
export class ModelCollection {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** In the order of their names. */
  list(): Listing<ModelSummary> {
    return this.#listing(
      async ({ after, limit }) =>
        (await this.#models()).listModels(await this.#ledger(), { limit, ...given({ after }) }),
      ({ name }) => name,
    );
  }

  /**
   * The versions of one model, newest first.
   *
   * @throws `MODEL_UNKNOWN`
   */
  versions(name: string): Listing<ModelVersionSummary> {
    return this.#listing(
      async ({ after, limit }) => {
        const page = { limit, ...given({ before: after === undefined ? undefined : Number(after) }) };
        return (await this.#models()).listModelVersions(await this.#ledger(), name, page);
      },
      ({ number }) => String(number),
    );
  }

  /**
   * A version of a model with its metadata, artifacts and runs.
   *
   * @param reference `name` and `name@latest` are the latest version, `name@3` is version 3, `name@production` is the
   * one in that stage
   * @throws `MODEL_UNKNOWN`, `MODEL_STAGE_UNKNOWN`
   * @example (await client.models.get("churn@production")).metadata
   */
  async get(reference: string): Promise<ModelVersion> {
    return (await this.#models()).findModelVersion(await this.#ledger(), reference);
  }

  /**
   * Moves a version of a model to a stage, or with `undefined` out of any. The version that had the stage before becomes
   * archived in the same moment.
   *
   * @param reference as in `get`
   * @throws `MODEL_UNKNOWN`, `MODEL_STAGE_UNKNOWN`
   * @example await client.models.setStage("churn@3", "production");
   */
  async setStage(reference: string, stage: ModelStage | undefined): Promise<ModelVersionSummary> {
    return (await this.#models()).setModelStage(await this.#ledger(), reference, stage);
  }

  /** The model versions that an artifact, `name@version`, belongs to. */
  async ofArtifact(id: string): Promise<readonly ModelArtifact[]> {
    return (await this.#ledger()).models.links.modelsOf(id);
  }

  /** The model versions that a run worked on or took something from. */
  async ofRun(runId: string): Promise<readonly ModelRun[]> {
    return (await this.#ledger()).models.links.modelsOfRun(runId);
  }

  #listing<T>(
    read: (request: PageRequest & { readonly limit: number }) => Promise<readonly T[]>,
    cursorOf: (item: T) => string,
  ): Listing<T> {
    return new Listing(async (request) => {
      const items = await read(request);
      const last = items.length < request.limit ? undefined : items.at(-1);
      return last === undefined ? { items } : { items, next: cursorOf(last) };
    });
  }

  async #ledger() {
    return (await this.#connect()).ledger;
  }

  #models() {
    return import("./models.js");
  }
}

function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
