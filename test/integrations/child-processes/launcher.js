import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { attemptExit } from "@tenon/core";

/** Starts each attempt as a process of its own, which goes on when the driver dies: the engine is the operating system. */
export function create({ config }) {
  const resources = { cpu: config.parallel, memory: totalmem(), time: Number.POSITIVE_INFINITY };
  /** How the processes of this driver ended, by their ids. */
  const exits = new Map();
  const watchers = new Set();

  function start({ command, environment, directory }) {
    const [program, ...given] = command;
    const options = { cwd: directory, env: { ...process.env, ...environment }, detached: true, stdio: "ignore" };
    const child = spawn(program, given, options);
    const id = String(child.pid);
    child.unref();
    child.once("error", () => {});
    child.once("exit", (code, signal) => {
      exits.set(id, attemptExit(code, signal ?? undefined));
      for (const changed of watchers) changed();
    });
    return id;
  }

  function lives(id) {
    try {
      process.kill(Number(id), 0);
      // Where nobody asks for the end of orphans, they keep their ids.
      return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${id}/stat`, "utf8"));
    } catch {
      return false;
    }
  }

  return {
    capabilities: { parallel: config.parallel, remote: true, schedule: false, resources },
    // A process id means the same to every driver on this machine.
    lasting: true,

    async launch(attempts) {
      return attempts.map((attempt) => start(attempt.process));
    },

    async poll(ids) {
      return ids.map((id) => {
        if (exits.has(id)) return { state: "exited", exit: exits.get(id) };
        // Another driver's child leaves no exit code here; what it did is in the ledger.
        return lives(id) ? { state: "running" } : { state: "exited", exit: { kind: "ended" } };
      });
    },

    async cancel(ids) {
      for (const id of ids) if (!exits.has(id) && lives(id)) process.kill(Number(id), "SIGTERM");
    },

    async *logs() {
      // What steps write reaches the stack by itself.
    },

    async launchDriver(job) {
      return start(job.process);
    },

    changed(ids, signal) {
      return new Promise((resolve) => {
        const look = () => {
          if (!signal.aborted && !ids.some((id) => exits.has(id))) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        signal.addEventListener("abort", look, { once: true });
        look();
      });
    },
  };
}
