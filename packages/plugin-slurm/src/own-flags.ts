/**
 * Flags that say what Tenon says itself, and what to use for them. A default of `time` or `mem` for those steps that say
 * nothing is no contradiction.
 */
const own: Readonly<Record<string, string>> = {
  array: "jobs are gathered into arrays by themselves",
  chdir: "jobs start in the project's directory",
  comment: "it says which step a job runs",
  "cpus-per-task": "use resources.cpu",
  error: "use directory",
  export: "use environment",
  "export-file": "use environment",
  "get-user-env": "use environment",
  gpus: "use resources.gpu",
  gres: "use resources.gpu and gpuType",
  "job-name": "it is the attempt's id",
  ntasks: "an attempt is one task",
  nodes: "an attempt is one task",
  output: "use directory",
  parsable: "it is always given",
  "no-requeue": "use requeue",
  requeue: "use requeue",
  wait: "jobs are waited for by themselves",
  wrap: "the job runs its step",
};

/** What is wrong with a flag that a user gives to sbatch; undefined if it is right. */
export function flagFault(flag: string): string | undefined {
  const name = /^--([a-z][a-z0-9-]*)(?:=.*)?$/s.exec(flag)?.[1];
  if (name === undefined)
    return `'${flag}' is no flag of sbatch in its long form, in one piece: --name or --name=value`;
  return own[name] === undefined ? undefined : `--${name} cannot be set: ${own[name]}`;
}
