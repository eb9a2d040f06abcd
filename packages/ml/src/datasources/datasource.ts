import {
  type ArtifactReference,
  Client,
  type Handle,
  type JsonValue,
  type Stack,
  type Step,
  type StepOptions,
  step,
  TenonError,
} from "@tenon/core";
import { checkSchema } from "../schema/check-schema.js";
import { inferSchema } from "../schema/infer-schema.js";
import { validateRows } from "../schema/validate-rows.js";
import type { DataStatistics } from "../statistics/data-statistics.js";
import { refuseAnomalies } from "../statistics/steps.js";
import type { DataSchema } from "../vocabulary/data-schema.js";
import { refuseUnknown } from "../vocabulary/known-options.js";
import type { Rows } from "../vocabulary/row.js";
import { layoutOf } from "../vocabulary/row-columns.js";
import { rows, tfrecord } from "../vocabulary/types.js";
import type { RowSource } from "./row-source.js";

export interface DatasourceOptions {
  /** What is expected of the rows. Without it the schema is what they show. */
  readonly schema?: DataSchema;
  /** How snapshots are stored: by columns, which everything reads (the default), or as TFRecord. */
  readonly format?: "columns" | "tfrecord";
}

export interface CommitOptions {
  /** A client that is open already; it stays open. */
  readonly client?: Client;
  /** Where the project is, and what relative paths start from; by default the working directory. */
  readonly directory?: string;
  /** By default the active stack. */
  readonly stack?: string | Stack;
  readonly tags?: readonly string[];
  /** Beside statistics and schema. */
  readonly metadata?: Readonly<Record<string, JsonValue>>;
  readonly signal?: AbortSignal;
}

/** What a commit came to. */
export interface Snapshot {
  /** 1, 2, 3 … as text. */
  readonly version: string;
  /** The artifact: `datasource.penguins@3`. */
  readonly id: string;
  readonly digest: string;
  /** False if the data are those of the latest version, which it then is. */
  readonly changed: boolean;
  readonly statistics: DataStatistics;
}

/**
 * Data under a name. Its versions are immutable snapshots in the artifact store, each with its schema, its statistics and a page
 * of them.
 */
export interface Datasource {
  readonly name: string;
  /** The artifact whose versions are the snapshots: `datasource.penguins`. */
  readonly artifact: string;
  readonly source: RowSource;
  /**
   * Reads the source, and stores what it gives as the next version; data that have not changed make none. Nothing is
   * recorded if anything fails.
   *
   * @throws `DATA_UNREADABLE`, `IMAGE_UNREADABLE`, `DATA_INVALID` if the rows are not as the schema says
   */
  commit(options?: CommitOptions): Promise<Snapshot>;
  /** The latest version when the step starts that takes it. */
  latest(): ArtifactReference<Rows>;
  version(version: string): ArtifactReference<Rows>;
  /** The rows as the source has them now; nothing is stored. */
  read(options?: Pick<CommitOptions, "directory" | "signal">): Promise<Rows>;
  /**
   * A step that reads the source in a run, without making a version. Call it at the top level of a module. It runs each time,
   * unless `files` or `cache` say what its rows depend on.
   */
  reading(
    options?: StepOptions & { readonly name?: string },
  ): Step<Record<never, never>, Record<never, never>, Handle<Rows>>;
}

/**
 * Names where data come from.
 *
 * @param name letters, digits, `_` and `-`
 * @throws `PARAMETER_INVALID` for another name, `PARAMETER_UNKNOWN` for an option that there is not
 * @example
 * export const penguins = datasource("penguins", csv("data/*.csv"));
 * const { version } = await penguins.commit();
 * pipeline("train", () => split({ rows: penguins.latest() }));
 */
export function datasource(name: string, source: RowSource, options: DatasourceOptions = {}): Datasource {
  if (typeof name !== "string" || !/^[\w-]{1,100}$/.test(name)) throw unfitName(name);
  checkDatasource(name, source, options);
  const artifact = `datasource.${name}`;
  const references = new Client();
  const read = async ({ directory = process.cwd(), signal }: Pick<CommitOptions, "directory" | "signal"> = {}) => {
    const found: unknown = await source.read({ directory, ...(signal && { signal }) });
    if (!isTable(found)) throw noTable(name, found);
    if (options.schema) {
      refuseAnomalies(validateRows(found, options.schema, { others: false }), `reading the datasource '${name}'`);
    }
    return found;
  };
  return {
    name,
    artifact,
    source,
    read,
    latest: () => references.artifact(artifact, { type: rows }),
    version: (version) => references.artifact(artifact, { version, type: rows }),
    async commit(given = {}) {
      const [found, { storeSnapshot }] = await Promise.all([read(given), import("./store-snapshot.js")]);
      // What is no value of a row is said as such, not as a column that cannot be described.
      layoutOf(found);
      const schema = options.schema ?? inferSchema(found, { ...(source.columns && { columns: source.columns }) });
      const type = options.format === "tfrecord" ? tfrecord : rows;
      return storeSnapshot({ name, artifact, source, schema, type }, found, given);
    },
    reading({ name: stepName = name, ...settings } = {}) {
      const depends = settings.cache !== undefined || settings.files !== undefined || settings.env !== undefined;
      return step({
        ...settings,
        // Nothing tells that a source has changed; so it is asked each time.
        ...(!depends && { cache: false }),
        name: stepName,
        output: rows,
        run: (_inputs, { signal }) => read({ signal }),
      });
    },
  };
}

/** In a program without types anything may have been passed. */
function checkDatasource(name: string, source: RowSource | undefined, options: DatasourceOptions): void {
  const doing = `describing the datasource '${name}'`;
  refuseUnknown(options, ["schema", "format"], doing);
  const { format = "columns", schema } = options;
  if (schema) checkSchema(schema);
  const wrong =
    typeof source?.read !== "function"
      ? "it has no source that can be read"
      : format !== "columns" && format !== "tfrecord" && `its format is '${String(format)}'`;
  if (wrong === false) return;
  throw new TenonError("PARAMETER_INVALID", {
    doing,
    found: wrong,
    fix: 'Give a source such as csv("data/*.csv"), and the format "columns" or "tfrecord".',
  });
}

function isTable(found: unknown): found is Rows {
  return Array.isArray(found);
}

function noTable(name: string, found: unknown): TenonError {
  return new TenonError("DATA_UNREADABLE", {
    doing: `reading the datasource '${name}'`,
    found: `its source gave ${found === null ? "null" : typeof found}, not a list of rows`,
    fix: "Give an array of plain objects, or a function that returns one.",
  });
}

function unfitName(name: string): TenonError {
  return new TenonError("PARAMETER_INVALID", {
    doing: "naming a datasource",
    found: `'${name}' is no name for one`,
    fix: "Use letters, digits, '_' and '-', at most 100.",
  });
}
