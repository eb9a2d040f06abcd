import { expect, test } from "vitest";
import { AnswerLost, type Connection, ConnectionPool, PoolClosed } from "./connection-pool.js";

/** Connections that answer when they are told to. */
class Server {
  readonly connections: TestConnection[] = [];
  readonly asked: string[] = [];
  fail: Error | undefined;

  readonly open = async (): Promise<Connection> => {
    if (this.fail !== undefined) throw this.fail;
    const connection = new TestConnection((sql) => this.asked.push(sql));
    this.connections.push(connection);
    return connection;
  };
}

class TestConnection implements Connection {
  usable = true;
  ended = false;
  destroyed = false;
  readonly asked: { answer: () => void; refuse: (error: Error) => void }[] = [];
  readonly #onQuery: (sql: string) => void;
  constructor(onQuery: (sql: string) => void) {
    this.#onQuery = onQuery;
  }
  query(sql: string): Promise<readonly Record<string, unknown>[]> {
    this.#onQuery(sql);
    return new Promise((resolve, reject) => this.asked.push({ answer: () => resolve([]), refuse: reject }));
  }
  holdProcess(): void {}
  async end(): Promise<void> {
    this.ended = true;
  }
  destroy(): void {
    this.usable = false;
    this.destroyed = true;
  }
}

const poolOf = (server: Server, more: Partial<ConstructorParameters<typeof ConnectionPool>[0]> = {}) =>
  new ConnectionPool({ open: server.open, most: 2, statementTimeout: 60_000, idleTimeout: 60_000, ...more });
const turn = () => new Promise(setImmediate);

test("it opens no more connections than it may, and those who wait get their turn in order", async () => {
  const server = new Server();
  const pool = poolOf(server);
  const queries = ["a", "b", "c", "d"].map((sql) => pool.query(sql));
  await turn();
  expect(server.connections).toHaveLength(2);
  for (const round of [0, 1]) {
    for (const connection of server.connections) connection.asked[round]?.answer();
    await turn();
  }
  await Promise.all(queries);
  expect(server.asked).toEqual(["a", "b", "c", "d"]);
  expect(server.connections).toHaveLength(2);
  await pool.close();
});

test("a connection that broke is not used again", async () => {
  const server = new Server();
  const pool = poolOf(server, { most: 1 });
  const first = pool.query("");
  await turn();
  const [connection] = server.connections as [TestConnection];
  connection.usable = false;
  connection.asked[0]?.refuse(new Error("broken"));
  await expect(first).rejects.toThrow("broken");
  expect(connection.destroyed).toBe(true);
  const second = pool.query("");
  await turn();
  server.connections[1]?.asked[0]?.answer();
  await second;
  await pool.close();
});

test("a place is not lost where no connection can be opened", async () => {
  const server = new Server();
  const pool = poolOf(server, { most: 1 });
  server.fail = new Error("refused");
  const failed = await Promise.allSettled([1, 2, 3].map(() => pool.query("")));
  expect(failed.every(({ status }) => status === "rejected")).toBe(true);
  server.fail = undefined;
  const query = pool.query("");
  await turn();
  server.connections[0]?.asked[0]?.answer();
  await query;
  await pool.close();
});

test("a statement that gets no answer in time loses its connection", async () => {
  const server = new Server();
  const pool = poolOf(server, { statementTimeout: 1 });
  await expect(pool.query("")).rejects.toBeInstanceOf(AnswerLost);
  expect(server.connections[0]?.destroyed).toBe(true);
  await pool.close();
});

test("a connection that lies unused for long is ended", async () => {
  const server = new Server();
  const pool = poolOf(server, { idleTimeout: 1 });
  const query = pool.query("");
  await turn();
  server.connections[0]?.asked[0]?.answer();
  await query;
  await expect.poll(() => server.connections[0]?.ended).toBe(true);
  await pool.close();
});

test("closing waits for what is going on, ends every connection and refuses what comes later", async () => {
  const server = new Server();
  const pool = poolOf(server);
  const going = pool.query("");
  await turn();
  let closed = false;
  const closing = pool.close().then(() => {
    closed = true;
  });
  await turn();
  expect(closed).toBe(false);
  server.connections[0]?.asked[0]?.answer();
  await Promise.all([going, closing]);
  expect(server.connections[0]?.ended).toBe(true);
  await expect(pool.query("")).rejects.toBeInstanceOf(PoolClosed);
});
