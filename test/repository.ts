import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { type Project, project } from "./project.js";

/** A user's project under Git, with all that it begins with committed. */
export class Repository {
  constructor(readonly project: Project) {
    this.git("init", "--quiet", "--initial-branch=main");
    project.write(".gitignore", "node_modules\n.tenon\n");
    this.commit();
  }

  git(...args: string[]): string {
    const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    return execFileSync("git", [...identity, ...args], {
      cwd: this.project.directory,
      encoding: "utf8",
      stdio: "pipe",
    });
  }

  /** Commits everything. Returns the commit's id. */
  commit(files: Readonly<Record<string, string>> = {}): string {
    for (const [name, text] of Object.entries(files)) this.project.write(name, text);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--message=change");
    return this.git("rev-parse", "HEAD").trim();
  }

  /** Everything but Tenon's state and what is installed, byte for byte, with what Git has for itself. */
  content(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const entry of readdirSync(this.project.directory, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (path.includes("/.tenon/") || path.includes("/node_modules/") || entry.isDirectory()) continue;
      found[path] = entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path, "latin1");
    }
    return found;
  }

  /** Runs the command line, which has to end well, with `--json`. */
  async json<T>(...argv: string[]): Promise<T> {
    const ended = await this.project.tenon(...argv, "--json");
    if (ended.stdout === "") throw new Error(`tenon ${argv.join(" ")} printed nothing: ${ended.stderr}`);
    return JSON.parse(ended.stdout) as T;
  }
}

/** A project under Git that is removed when the test has ended. */
export function repository(files: Readonly<Record<string, string>>): Repository {
  return new Repository(project(files));
}
