/** One thing that a component was tried with. */
export interface ProbeFinding {
  /** What was tried, as a clause: `writing an object`. */
  readonly tried: string;
  /** The permission that it takes, in the service's words: `s3:PutObject`. */
  readonly permission?: string;
  /** A `TenonError`, where it failed. */
  readonly error?: Error;
  /** What is worth knowing though it succeeded, as a sentence. */
  readonly note?: string;
}

export interface Probed {
  /**
   * Tries what it does and says of each whether it succeeded: what `tenon stack check` shows. A store connects, writes,
   * reads and deletes a record of its own. It rejects only if it is cancelled.
   */
  probe?(options?: { readonly signal?: AbortSignal }): Promise<readonly ProbeFinding[]>;
}
