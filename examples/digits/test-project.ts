import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const here = import.meta.dirname;
const programs = join(here, "node_modules/.bin");

/** A copy of this project with an empty state, and what is typed into a terminal there. */
export class TestProject {
  readonly directory = mkdtempSync(join(tmpdir(), "digits-"));

  /** @param settings what `tenon.yaml` says */
  constructor(settings = "project: digits\n") {
    for (const name of ["pipeline.ts", "start.ts", "src", "package.json"]) {
      cpSync(join(here, name), join(this.directory, name), { recursive: true });
    }
    symlinkSync(join(here, "node_modules"), join(this.directory, "node_modules"), "dir");
    writeFileSync(join(this.directory, "tenon.yaml"), settings);
  }

  async terminal(program: string, ...argv: string[]): Promise<string> {
    const { NODE_OPTIONS: _, VITEST: __, NODE_ENV: ___, ...inherited } = process.env;
    const env = { ...inherited, PATH: `${programs}:${process.env.PATH}` };
    return (await promisify(execFile)(program, argv, { cwd: this.directory, env })).stdout;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}
