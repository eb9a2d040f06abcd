import { readFileSync } from "node:fs";

/** Whether a process of this machine still lives; the number of another machine's process means nothing here. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !hasEnded(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** In containers nobody may ask for the end of a process whose parent is gone: it keeps its id, and is dead. */
function hasEnded(pid: number): boolean {
  try {
    return process.platform === "linux" && /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
