let needed = true;

/** From now on the command's work goes on although nobody reads what it prints: a run is more than its output. */
export function goOnUnread(): void {
  needed = false;
}

/** `tenon run list | head -1`: the reader has had enough. Nothing is to be said about it. */
export function endSilentlyWhenNobodyReads(exitCode: () => number): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (needed) process.exit(exitCode());
    });
  }
}
