/** What the command's exit code says. Printed by `tenon --help` and in docs/reference/cli.md. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  stepFailed: 10,
  stepRetry: 11,
  bug: 70,
  cancelled: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "Done. Of `tenon run`: the run succeeded.",
  failed: "A run failed, a check found faults, or what was asked for could not be done.",
  usage: "The command line is wrong: an unknown command, option, name or parameter, or a value that does not fit.",
  stepFailed: "Of `tenon step run`: a step failed, and trying it again will not help.",
  stepRetry: "Of `tenon step run`: it could not be done now; try again.",
  bug: "Tenon itself failed in a way that it does not know.",
  cancelled: "The run was cancelled, by Ctrl-C or by `tenon run cancel`.",
  terminated: "The run was cancelled because the process was told to end (SIGTERM).",
};

/** Errors that the person who typed the command can mend by typing another one. */
const usageErrors: ReadonlySet<string> = new Set([
  "USAGE_INVALID",
  "PARAMETER_INVALID",
  "PARAMETER_UNKNOWN",
  "PIPELINE_UNKNOWN",
  "RUN_UNKNOWN",
  "STEP_UNKNOWN",
  "STACK_UNKNOWN",
  "ARTIFACT_UNKNOWN",
  "MODEL_UNKNOWN",
  "MODEL_STAGE_UNKNOWN",
  "INTEGRATION_UNKNOWN",
  "DEPLOYMENT_UNKNOWN",
]);

export function exitCodeOf(error: unknown): ExitCode {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === "RUN_CANCELLED") return exitCodes.cancelled;
  if (typeof code === "string" && usageErrors.has(code)) return exitCodes.usage;
  return isKnown(error) ? exitCodes.failed : exitCodes.bug;
}

/** True for an error that Tenon raised on purpose, whichever copy of core made it. */
export function isKnown(error: unknown): error is Error & { code: string; doing: string; found: string; fix?: string } {
  return error instanceof Error && error.name === "TenonError" && "doing" in error;
}
