import { TenonError } from "@tenon/core";

/** Something that whoever sent a request has to be told, with the status that goes with it. */
export class RequestError extends TenonError {
  readonly status: number;
  /** What the answer has to say in its head. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, found: string, fix?: string, headers: Readonly<Record<string, string>> = {}) {
    super("REQUEST_INVALID", { doing: "answering a request", found, ...(fix !== undefined && { fix }) });
    this.status = status;
    this.headers = headers;
  }
}

/** Errors of the data are the sender's; all others are the server's: a stranger is told their code at most. */
export function statusOf(error: unknown): number {
  if (error instanceof RequestError) return error.status;
  return TenonError.is(error) && error.code.startsWith("DATA_") ? 400 : 500;
}

/** For the sender: what was found and what to do. */
export function messageFor(error: unknown): string {
  const status = statusOf(error);
  if (status >= 500 && !(error instanceof RequestError)) {
    const told = "The prediction failed; the server's log says why.";
    return TenonError.is(error) ? `${error.code}: ${told}` : told;
  }
  const { code, found, fix, doing } = error as TenonError;
  const what = error instanceof RequestError ? sentence(found) : `${code}: ${sentence(doing)} ${sentence(found)}`;
  return fix === undefined ? what : `${what} ${fix}`;
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}
