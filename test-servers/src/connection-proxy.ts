import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface ConnectionProxy {
  readonly host: string;
  readonly port: number;
  /** Connections at this moment. */
  readonly connections: number;
  /** Breaks every connection at once. */
  cut(): void;
  /** Breaks every connection and refuses new ones, until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  /** Holds back what either side sends, for so many milliseconds; 0 to stop that. */
  delay(milliseconds: number): void;
  /** Passes nothing on any more, in open connections and new ones, until called with false. */
  silence(on?: boolean): void;
  /**
   * Lets the next request that contains a text through, and breaks its connection in place of the answer: what was asked
   * for is done, and the asker does not learn of it. Resolves when that has happened.
   */
  loseAnswer(containing: string): Promise<void>;
  /** Breaks the connection of the next request that contains a text, in place of passing it on. */
  loseRequest(containing: string): Promise<void>;
  /** Breaks the connection of the next answer in its middle, after so many bytes of it. */
  breakAnswer(containing: string, bytes: number): Promise<void>;
  close(): Promise<void>;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

interface Fault {
  readonly kind: "answer" | "request" | "middle";
  readonly text: Buffer;
  readonly bytes: number;
  done(): void;
}

/** A proxy in front of a server, which breaks connections at the worst moments. */
export async function startConnectionProxy({ host, port: targetPort }: Address): Promise<ConnectionProxy> {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  const faults: Fault[] = [];
  let wait = 0;
  let silent = false;

  const listener = createServer((client) => {
    const server = connect({ host, port: targetPort });
    const pair = { client, server };
    pairs.add(pair);
    let struck: Fault | undefined;
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    const pass = (to: Socket, bytes: Buffer) => {
      if (silent) return;
      if (wait === 0) to.write(bytes);
      else setTimeout(() => to.destroyed || to.write(bytes), wait);
    };
    client.on("data", (bytes: Buffer) => {
      const index = faults.findIndex(({ text }) => bytes.includes(text));
      const fault = index < 0 ? undefined : faults.splice(index, 1)[0];
      if (fault?.kind === "request") {
        end();
        fault.done();
        return;
      }
      struck ??= fault;
      pass(server, bytes);
    });
    server.on("data", (bytes: Buffer) => {
      if (struck === undefined) return pass(client, bytes);
      const { kind, bytes: some, done } = struck;
      if (kind === "middle") client.write(bytes.subarray(0, some), end);
      else end();
      done();
    });
    for (const socket of [client, server]) {
      socket.on("error", end);
      socket.on("close", end);
    }
  });

  const listen = async (port: number) => {
    listener.listen(port, "127.0.0.1");
    await once(listener, "listening");
  };
  await listen(0);
  const { port } = listener.address() as AddressInfo;
  const cut = () => {
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
  };
  const refuse = async () => {
    const closed = listener.listening ? once(listener, "close") : undefined;
    listener.close();
    cut();
    await closed;
  };
  const strike = (kind: Fault["kind"], text: string, bytes = 0) =>
    new Promise<void>((done) => faults.push({ kind, text: Buffer.from(text), bytes, done }));

  return {
    host: "127.0.0.1",
    port,
    get connections() {
      return pairs.size;
    },
    cut,
    refuse,
    accept: () => listen(port),
    delay: (milliseconds) => {
      wait = milliseconds;
    },
    silence: (on = true) => {
      silent = on;
    },
    loseAnswer: (containing) => strike("answer", containing),
    loseRequest: (containing) => strike("request", containing),
    breakAnswer: (containing, bytes) => strike("middle", containing, bytes),
    close: refuse,
  };
}
