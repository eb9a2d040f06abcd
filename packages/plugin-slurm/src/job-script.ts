import type { StepProcess } from "@tenon/core";

/**
 * The script of a job, or of an array of jobs, one for each process: it becomes the process, so that signals reach it.
 * It is handed to Slurm as it is, and needs no file that nodes see.
 */
export function jobScript(processes: readonly StepProcess[], setup: readonly string[] = []): string {
  const cases = processes.map((process, index) => [`${index})`, ...assignments(process), ";;"].join("\n"));
  return `${[
    "#!/bin/bash",
    // Slurm leaves a job in /tmp whose directory is not there; a step would read the wrong files.
    `cd ${quoted(processes[0]?.directory ?? "/")} || exit 127`,
    ...setup,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's.
    'case "${SLURM_ARRAY_TASK_ID:-0}" in',
    ...cases,
    "esac",
    'exec "$@"',
  ].join("\n")}\n`;
}

function assignments({ command, environment }: StepProcess): string[] {
  const variables = Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [...variables, `set -- ${command.map(quoted).join(" ")}`];
}

/** As the shell reads it back. */
export function quoted(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
