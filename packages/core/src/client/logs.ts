import { readStepLogs } from "../runtime/step-log.js";

export interface LogLine {
  readonly stepId: string;
  /** 1 for the first try of the step. */
  readonly attempt: number;
  readonly text: string;
}

/** Step after step, attempt after attempt. */
export async function* readLogs(stateDirectory: string, runId: string, stepId?: string): AsyncIterable<LogLine> {
  for (const log of await readStepLogs(stateDirectory, runId, stepId)) {
    for (const text of log.text.replace(/\n$/, "").split("\n")) {
      yield { stepId: log.stepId, attempt: log.attempt, text };
    }
  }
}
