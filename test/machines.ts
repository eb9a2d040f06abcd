import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { onTestFinished } from "vitest";

/** Where a worker runs, with addresses under which it reaches servers on loopback of this machine. */
export interface Machine {
  readonly name: string;
  /** The address under which it reaches a port of this machine's loopback. */
  reach(port: number): Promise<string>;
  start(program: string, argv: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }): ChildProcess;
}

/** Why no network namespaces can be made here, as a line to print; undefined if they can. */
export function namespacesMissing(): string | undefined {
  try {
    if (process.getuid?.() !== 0) return "only root can make network namespaces";
    execFileSync("ip", ["netns", "add", "tenon-probe"], { stdio: "pipe" });
    execFileSync("ip", ["netns", "del", "tenon-probe"], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    return `no network namespaces here (${String(error).split("\n")[0]}): apt-get install iproute2, and run as root`;
  }
}

let count = 0;

/**
 * A machine as far as this one can play it: a network namespace of its own, which reaches nothing but what `reach` opens
 * for it, and a host name of its own.
 */
export function namespaceMachine(name: string): Machine {
  const id = `${process.pid % 10_000}-${++count}`;
  const space = `tenon-${id}`;
  const [here, there] = [`tna${id}`, `tnb${id}`];
  const net = `10.${200 + (process.pid % 50)}.${count}`;
  const ip = (...argv: string[]) => execFileSync("ip", argv, { stdio: "pipe" });
  ip("netns", "add", space);
  const forwarders: Server[] = [];
  onTestFinished(() => {
    for (const forwarder of forwarders) forwarder.close();
    ip("netns", "del", space);
  });
  ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", space);
  ip("addr", "add", `${net}.1/24`, "dev", here);
  ip("link", "set", here, "up");
  ip("-n", space, "addr", "add", `${net}.2/24`, "dev", there);
  ip("-n", space, "link", "set", there, "up");
  ip("-n", space, "link", "set", "lo", "up");
  return {
    name,
    reach: async (port) => {
      const forwarder = createServer((socket) => {
        const onward = connect(port, "127.0.0.1");
        for (const one of [socket, onward]) one.on("error", () => [socket, onward].map((both) => both.destroy()));
        socket.pipe(onward).pipe(socket);
      });
      forwarders.push(forwarder);
      await new Promise<void>((done) => forwarder.listen(0, `${net}.1`, done));
      return `${net}.1:${(forwarder.address() as AddressInfo).port}`;
    },
    // Each of these programs becomes the next one: the process id is the worker's.
    start: (program, argv, options) =>
      spawn(
        "ip",
        ["netns", "exec", space, "unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', name, program, ...argv],
        { ...options, stdio: ["ignore", "pipe", "pipe"] },
      ),
  };
}

/** A directory of its own and no more, where there are no namespaces. */
export function plainMachine(name: string): Machine {
  return {
    name,
    reach: async (port) => `127.0.0.1:${port}`,
    start: (program, argv, options) => spawn(program, argv, { ...options, stdio: ["ignore", "pipe", "pipe"] }),
  };
}
