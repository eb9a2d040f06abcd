import { execFile } from "node:child_process";
import { TenonError } from "../errors.js";

export interface GitOptions {
  /** Variables for this call on top of the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What git reads from its standard input. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface GitOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Kept away from git, so that the directory alone decides which repository is meant, even inside a Git hook. */
const foreign = /^GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|NAMESPACE|PREFIX|.*PATHSPECS?)$/;

/**
 * Runs git in a directory, without a shell, and answers with whatever exit code it ended with. It never takes an
 * optional lock (so it never rewrites the user's index), asks for no password, and starts neither hooks nor a file
 * system monitor.
 *
 * @throws `GIT_UNAVAILABLE` if there is no program `git`.
 */
export async function runGit(
  directory: string,
  args: readonly string[],
  { environment, input, signal }: GitOptions = {},
): Promise<GitOutcome> {
  const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const env = { ...Object.fromEntries(inherited), ...quiet, ...environment };
  return new Promise((resolve, reject) => {
    const child = execFile(
      "git",
      ["-C", directory, ...settings, ...args],
      { env, maxBuffer: 1 << 30, windowsHide: true, ...(signal && { signal }) },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== "number") reject(signal?.aborted ? signal.reason : notStarted(error));
        else resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
    // Git may end without having read everything: its exit code tells more than the broken pipe.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input ?? "");
  });
}

const settings = ["core.fsmonitor=false", "core.hooksPath=/dev/null", "core.quotePath=false"].flatMap((set) => [
  "-c",
  set,
]);
const quiet = { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };

/**
 * Like `runGit`, for a call that has to succeed; gives its standard output.
 *
 * @throws `GIT_FAILED` with what git said.
 */
export async function git(directory: string, args: readonly string[], options?: GitOptions): Promise<string> {
  const { exitCode, stdout, stderr } = await runGit(directory, args, options);
  if (exitCode === 0) return stdout;
  throw new TenonError("GIT_FAILED", {
    doing: `running git ${args.find((argument) => !argument.startsWith("-")) ?? ""} in ${directory}`,
    found: complaint(stderr) || `it ended with exit code ${exitCode}`,
  });
}

function notStarted(error: Error & { code?: unknown }): TenonError {
  const missing = error.code === "ENOENT";
  return new TenonError(missing ? "GIT_UNAVAILABLE" : "GIT_FAILED", {
    doing: "running git",
    found: missing ? "there is no program 'git' on the path" : error.message.split("\n")[0] || "it was killed",
    ...(missing && { fix: "Install Git, or go on without: only pinning and reproduction need it." }),
    cause: error,
  });
}

/** What git gave up for, on one line: what it calls fatal, or else the last that it said. */
function complaint(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const grave = lines.filter((line) => /^(fatal|error): /.test(line));
  const told = grave.length > 0 ? grave.slice(0, 3) : lines.slice(-1);
  return told.map((line) => line.replace(/^(fatal|error): /, "").replace(/\.?\s*$/, "")).join("; ");
}
