import { type CodeSetting, codeSettingHint, isCodeSetting } from "@tenon/core";
import * as z from "zod/mini";
import { flagFault } from "./own-flags.js";

const text = z.string().check(z.minLength(1));
const flag = z.string().check((context) => {
  const fault = flagFault(context.value);
  if (fault !== undefined) context.issues.push({ code: "custom", message: fault, input: context.value });
});

/** What can be said of all jobs, and of one step's. */
const placement = {
  partition: z.optional(text),
  account: z.optional(text),
  qos: z.optional(text),
  /** Features that a node has to have: `avx512&local-disk`. */
  constraint: z.optional(text),
  /** The kind of processor that `resources.gpu` counts: `a100`. */
  gpuType: z.optional(text),
  /** Let Slurm put a job back into its queue whose node failed; by default Tenon starts another attempt at once. */
  requeue: z.optional(z.boolean()),
  /** Further flags of sbatch, in one piece each: `--reservation=course`. */
  flags: z.optional(z.array(flag)),
};

export const slurmConfig = z.strictObject({
  ...placement,
  /** Where the driver of a detached run runs, as far as that differs. It needs little, and lives as long as the run. */
  driver: z.optional(z.strictObject(placement)),
  /** Jobs in the queue and running at a time, at most. */
  jobs: z._default(z.int().check(z.minimum(1), z.maximum(5000)), 500),
  /** Where jobs find the project's code. */
  code: z._default(z.custom<CodeSetting>(isCodeSetting, codeSettingHint), "shared"),
  /** Lines of shell that a job begins with: `module load nodejs/22`, `. ~/.config/ml/secrets`. */
  setup: z.optional(z.array(text)),
  /** Names of variables that jobs get from the environment of who submits them, beside PATH, HOME and the like. */
  environment: z.optional(z.array(z.string().check(z.regex(/^[A-Za-z_]\w*$/, "This is no name of a variable.")))),
  /** A directory that all nodes see, for what jobs print past Tenon; by default in the project's state directory. */
  directory: z.optional(text),
  /** The longest time between two looks at the queue, in milliseconds. */
  pollInterval: z._default(z.int().check(z.minimum(100)), 10_000),
  /** How long to wait for a controller that does not answer, in milliseconds. */
  patience: z._default(z.int().check(z.minimum(0)), 600_000),
});

/** What a step can say in `engine: { slurm: { … } }`; it goes before what the stack says. */
export const slurmEngine = z.strictObject(placement);

export type SlurmConfig = z.infer<typeof slurmConfig>;
export type SlurmEngine = z.infer<typeof slurmEngine>;
