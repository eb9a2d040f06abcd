import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest directory, from `start` upwards, that has an entry of that name. */
export function findUp(start: string, name: string): string | undefined {
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, name))) return directory;
    if (dirname(directory) === directory) return undefined;
  }
}
