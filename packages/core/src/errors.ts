/**
 * Every error code of Tenon. A code never changes its meaning; the text beside it is the heading under which
 * `docs/reference/errors.md` explains it.
 */
export const errorCodes = {
  // Authoring and compiling
  STEP_INVALID: "A step is not defined as a step has to be",
  STEP_DUPLICATE: "Two steps of a pipeline have one name",
  STEP_UNKNOWN: "There is no step of that name",
  STEP_NOT_FOUND_AGAIN: "A step cannot be found again from its source",
  STEP_SOURCE_INVALID: "A step's source cannot be read or parsed",
  STEP_INTERFACE_MISMATCH: "A step does not have the interface of the one that it replaces",
  INPUT_INVALID: "An input is missing, unknown or of the wrong type",
  HANDLE_MISUSED: "A handle was used as if it were a value",
  REFERENCE_MISUSED: "A reference was used as if it were the value",
  REFERENCE_INVALID: "A reference does not say what it means",
  PARAMETER_INVALID: "A parameter is of the wrong type or out of range",
  PARAMETER_UNKNOWN: "There is no parameter of that name",
  PIPELINE_INVALID: "A pipeline is not defined as a pipeline has to be",
  PIPELINE_UNKNOWN: "There is no pipeline of that name",
  PIPELINE_CYCLE: "The steps of a pipeline wait for each other in a circle",
  PLAN_INVALID: "A plan cannot be read",
  PLAN_UNKNOWN: "There is no plan with that digest",

  // Integrations and the kernel
  INTEGRATION_UNKNOWN: "No integration of that name is among the project's dependencies",
  INTEGRATION_MANIFEST_INVALID: "An integration's manifest is broken",
  INTEGRATION_INCOMPATIBLE: "An integration is made for another version of the core",
  INTEGRATION_BROKEN: "An integration failed when it was imported or activated",
  INTEGRATION_DUPLICATE: "Two installed integrations have one name",
  REQUIREMENT_MISSING: "A package or program that an integration needs is not installed",
  REQUIREMENT_OUTDATED: "A package that an integration needs has an unsuitable version",
  REQUIREMENT_BROKEN: "A package that an integration needs is installed but broken",
  FLAVOR_UNKNOWN: "There is no component of that flavor",
  COMPONENT_INVALID: "A component is not what its kind requires",
  COMPONENT_CONFIG_INVALID: "A component's configuration is wrong",
  COMPONENT_FAILED: "A component could not be created",
  TOKEN_UNBOUND: "Nothing is registered for a token",
  HOOK_FAILED: "A function that an integration put on a hook failed",
  HOOK_UNKNOWN: "There is no hook of that name",
  CORE_DUPLICATE: "A second copy of @tenon/core was loaded into one process",
  PNP_UNSUPPORTED: "The project's packages cannot be resolved under Plug'n'Play",
  NODE_TOO_OLD: "This version of Node is too old",

  // Project and stacks
  PROJECT_NOT_FOUND: "No Tenon project was found",
  PROJECT_CONFIG_INVALID: "The file tenon.yaml is wrong",
  STACK_UNKNOWN: "There is no stack of that name",
  STACK_INVALID: "A stack cannot be used as it is",
  STACK_MISMATCHED: "The two stores of a stack do not belong together",
  STACK_OCCUPIED: "A stack holds something else under the same names",
  SECRET_INVALID: "A secret is written out where only a reference may stand",
  SECRET_MISSING: "A secret's reference points to nothing",

  // Materializers and artifacts
  MATERIALIZER_MISSING: "No materializer is known for a value or a type",
  MATERIALIZER_AMBIGUOUS: "More than one materializer could be meant",
  MATERIALIZER_FAILED: "A materializer failed",
  OUTPUT_INVALID: "A step's outputs are not the ones that it declares",
  ARTIFACT_UNKNOWN: "There is no artifact of that name or version",
  ARTIFACT_MISSING: "The bytes of a recorded artifact are gone",
  ARTIFACT_CORRUPT: "The bytes of an artifact are not the ones that were recorded",
  ARTIFACT_FORMAT_UNREADABLE: "A materializer does not read an artifact's format",

  // Files of data
  TFRECORD_CORRUPT: "A TFRecord file is damaged, cut off, or none at all",
  MESSAGE_INVALID: "A record's bytes are not the message that they should be",
  EXAMPLE_INVALID: "Values and a tf.train.Example do not fit each other",

  // Tensors and training
  TENSOR_MISMATCHED: "A tensor has another dtype or shape than is needed",
  LAYER_UNKNOWN: "A model has a layer or an operation that is not registered",
  TRAINING_DIVERGED: "A loss is no longer a number",

  // Models and metadata
  MODEL_INVALID: "A model is not declared or changed as a model has to be",
  MODEL_UNKNOWN: "There is no model of that name or version",
  MODEL_STAGE_UNKNOWN: "There is no stage of that name, or no version in it",
  METADATA_INVALID: "Metadata is not JSON, or not what its schema asks for",
  METADATA_UNKNOWN: "There is no metadata of that name",

  // Training and serving
  TRAINING_INVALID: "There is nothing that a model could learn from",
  PREDICTION_INVALID: "A model's predictions are not numbers, or not one for each row",
  EVALUATION_INVALID: "A model cannot be judged by the rows that are given",
  MODEL_NOT_SERVABLE: "A version of a model holds nothing that can be served",
  DEPLOYMENT_FAILED: "A model could not be deployed",
  DEPLOYMENT_UNKNOWN: "There is no deployment of that name",
  REQUEST_INVALID: "A request for predictions is wrong",

  // Data
  DATA_UNREADABLE: "Data cannot be read from where they come from",
  DATA_INVALID: "Data are not what is expected of them",
  DATA_COLUMN_MISSING: "A column that is needed is missing",
  DATA_CATEGORY_UNKNOWN: "A category was never seen when the model was trained",
  IMAGE_UNREADABLE: "An image cannot be read",
  SPLIT_EMPTY: "A part of a split has no rows",
  TRANSFORM_UNKNOWN: "A fitted transform has an operation that is not known here",

  // Stores
  KEY_INVALID: "A key cannot be stored as it is",
  STORE_UNAVAILABLE: "A store cannot be reached or used",
  STORE_MISSING: "A store's bucket, container or database does not exist",
  STORE_SIGN_IN_FAILED: "A store does not take the credentials",
  STORE_DENIED: "A store does not permit what is asked of it",
  STORE_UNSUITABLE: "A store's server cannot do what a store has to",
  STORE_READ_ONLY: "A store cannot be written to",
  STORE_FULL: "A store has no room left",
  STORE_LOCKED: "A store is locked by somebody else",
  STORE_NOT_A_DATABASE: "A metadata file is not a database",
  STORE_TOO_NEW: "A store was written by a newer version",
  STORE_BEING_COLLECTED: "Somebody else is collecting garbage",
  STORE_VANISHED: "A store was deleted while it was in use",
  STORE_CORRUPT: "A store holds something that Tenon did not write",

  // Running
  RUN_UNKNOWN: "There is no run of that id",
  RUN_FAILED: "A run failed",
  RUN_CANCELLED: "A run was cancelled",
  RUN_BROKE_OFF: "Nobody drives a run any more",
  RUN_ACTIVE: "A run still goes on",
  RUN_NOT_RESUMABLE: "A run cannot be resumed",
  RUN_LEASE_LOST: "Another process has taken over a run",
  RUN_IN_WORKER: "A run was started from inside a worker",
  STEP_FAILED: "A step failed",
  STEP_TIMED_OUT: "A step took longer than it may",
  STEP_CRASHED: "The process of a step ended before the step did",
  STEP_NOT_READY: "A step takes what other steps have not made yet",
  STEP_GIVEN_BACK: "A worker was told to end before its step did",
  ATTEMPT_SUPERSEDED: "Another attempt of a step has been recorded first",
  CAPABILITY_MISSING: "The orchestrator cannot do what the plan asks for",
  ENGINE_INVALID: "A step's settings for an engine are wrong",
  ORCHESTRATOR_FAILED: "The orchestrator failed",
  ORCHESTRATOR_UNAVAILABLE: "The engine of an orchestrator does not answer",
  ORCHESTRATOR_REFUSED: "The engine of an orchestrator does not take what it is given",

  // Code on other machines
  CODE_NOT_PACKED: "The code of a run cannot be packed for other machines",
  CODE_CORRUPT: "The stored code of a run is not what was packed",
  CODE_NOT_INSTALLED: "The code of a run, or its packages, could not be installed on a machine",
  CODE_DIFFERENT: "A machine has other code than the run",

  // Git and reproduction
  GIT_UNAVAILABLE: "The program git cannot be found",
  GIT_FAILED: "Git failed",
  GIT_REPOSITORY_MISSING: "There is no Git repository",
  COMMIT_UNKNOWN: "There is no commit of that name",
  CHECKOUT_FAILED: "A commit could not be checked out",
  SOURCE_UNCOMMITTED: "The code of a run is not in the commit that is checked out",
  RUN_NOT_REPRODUCIBLE: "A run cannot be repeated from what is recorded of it",
  RUNS_NOT_COMPARABLE: "Runs of different stores cannot be compared",
  REPRODUCTION_FAILED: "The process that repeats a run ended before the run did",
  LOCKFILE_UNREADABLE: "A lockfile cannot be read",

  // Command line
  USAGE_INVALID: "The command line is wrong",
  CONFORMANCE_FAILED: "An implementation does not keep to its contract",
  INTERNAL: "Something that cannot happen has happened",
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface TenonErrorDetails {
  /** What was being done, as a clause: `reading the plan plans/a.yaml`. */
  doing: string;
  /** What was found, as a clause: `it has no field 'steps'`. */
  found: string;
  /** What to do now, as a sentence: `Write the plan again with tenon run.` */
  fix?: string;
  /** Facts for programs, never secrets. */
  details?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

const brand = Symbol.for("tenon.error");

/**
 * Every failure that Tenon knows of. The message reads as sentences; `code` is for programs and for the reference.
 *
 * @example
 * throw new TenonError("STEP_UNKNOWN", {
 *   doing: "looking for step 'fti' of pipeline 'penguins'",
 *   found: "it has load, split and fit",
 *   fix: "Did you mean 'fit'?",
 * });
 */
export class TenonError extends Error {
  override readonly name = "TenonError";
  readonly code: ErrorCode;
  readonly doing: string;
  readonly found: string;
  readonly fix: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, { doing, found, fix, details, cause }: TenonErrorDetails) {
    super(`${capitalise(doing)}: ${found}.${fix ? ` ${fix}` : ""}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.doing = doing;
    this.found = found;
    this.fix = fix;
    this.details = details ?? {};
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for a `TenonError` of any copy of core, with this code if one is given. */
  static is(value: unknown, code?: ErrorCode): value is TenonError {
    return (
      value instanceof Error && brand in value && (code === undefined || (value as unknown as TenonError).code === code)
    );
  }
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
