import type { MetadataStore } from "@tenon/core";
import { available, type ConnectionProxy, type DatabaseServer, startConnectionProxy } from "@tenon-test/servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ServerOptions } from "./server-options.js";
import { type Flavor, flavors, freshOptions } from "./testing/flavors.js";

describe.each(flavors)("the metadata store $flavor, interrupted", (flavor) => {
  describe.skipIf(!available(flavor.server))(`on ${flavor.server.name}`, () => interruptions(flavor));
});

function interruptions({ server: kind, open, insert, killConnections }: Flavor) {
  let server: DatabaseServer;
  let proxy: ConnectionProxy;
  let options: ServerOptions;
  let opened: MetadataStore[];
  beforeAll(async () => {
    server = await kind.start();
  });
  afterAll(() => server.destroy());
  beforeEach(async () => {
    proxy = await startConnectionProxy(server);
    options = freshOptions(server, { host: proxy.host, port: proxy.port, patience: 30_000 });
    opened = [];
  });
  afterEach(async () => {
    for (const store of opened) await store.dispose?.();
    await proxy.close();
  });
  const opening = async (more: Partial<ServerOptions> = {}) => {
    const store = await open({ ...options, ...more });
    opened.push(store);
    return store;
  };
  /** Another way to the same records, around the proxy. */
  const around = () => opening({ host: server.host, port: server.port });

  test("an insert whose answer is lost after it was carried out is known to have won", async () => {
    const store = await opening();
    const lost = proxy.loseAnswer(insert);
    const result = await store.insert([
      { key: "a", value: "" },
      { key: "b", value: "" },
    ]);
    await lost;
    expect(result).toEqual({ inserted: true });
    expect((await store.scan("")).map(({ key }) => key)).toEqual(["a", "b"]);
  });

  test("an insert whose answer is lost after it had lost the race is known to have lost", async () => {
    const store = await opening();
    await (await around()).insert([{ key: "b", value: "" }]);
    const lost = proxy.loseAnswer(insert);
    const result = await store.insert([
      { key: "a", value: "" },
      { key: "b", value: "" }, // the same value: nothing but its origin tells whose it is
    ]);
    await lost;
    expect(result).toEqual({ inserted: false, existing: ["b"] });
    expect((await store.scan("")).map(({ key }) => key)).toEqual(["b"]);
  });

  test("an insert that won, was written over meanwhile, and whose answer is lost, still has won", async () => {
    const store = await opening();
    const other = await around();
    const lost = proxy.loseAnswer(insert).then(() => proxy.refuse());
    const result = store.insert([{ key: "a", value: "1" }]);
    await lost;
    await other.put([{ key: "a", value: "2" }]);
    await proxy.accept();
    expect(await result).toEqual({ inserted: true });
    expect(await store.get("a")).toBe("2");
  });

  test("a request that never arrived is sent again", async () => {
    const store = await opening();
    for (const write of [
      () => store.insert([{ key: "inserted", value: "1" }]),
      () => store.put([{ key: "put", value: "1" }]),
    ]) {
      const lost = proxy.loseRequest(insert);
      await write();
      await lost;
    }
    expect(await store.getMany(["inserted", "put"])).toEqual(["1", "1"]);
  });

  test("an answer that breaks off in its middle is asked for again", async () => {
    const store = await opening();
    const value = "0123456789".repeat(100_000);
    await store.put([{ key: "large", value }]);
    const broken = proxy.breakAnswer("SELECT", 1000);
    expect((await store.get("large")) === value).toBe(true);
    await broken;
  });

  test("inserts that are written together, and whose answer is lost, have all won", async () => {
    const store = await opening();
    await store.put([{ key: "warm", value: "" }]);
    const lost = proxy.loseAnswer(insert);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.insert([{ key: `k/${index}`, value: "" }])),
    );
    await lost;
    expect(results.filter(({ inserted }) => inserted)).toHaveLength(20);
  });

  test("connections that break while they lie unused are replaced", async () => {
    const store = await opening();
    await Promise.all(Array.from({ length: 4 }, (_, index) => store.get(`${index}`)));
    await server.sql(killConnections);
    expect(await store.insert([{ key: "a", value: "1" }])).toEqual({ inserted: true });
    proxy.cut();
    expect(await store.get("a")).toBe("1");
  });

  test("a server that does not answer is given up after a while, and asked again on a new connection", async () => {
    const store = await opening({ statementTimeout: 300 });
    await store.put([{ key: "a", value: "1" }]);
    proxy.silence();
    const value = store.get("a");
    await expect.poll(() => proxy.connections, { timeout: 10_000 }).toBe(0);
    proxy.silence(false);
    proxy.cut();
    expect(await value).toBe("1");
  });

  test("no more connections are opened than are allowed", async () => {
    const store = await opening({ connections: 3 });
    proxy.delay(5);
    await Promise.all(Array.from({ length: 60 }, (_, index) => store.get(`${index}`)));
    expect(proxy.connections).toBe(3);
  });

  test("a server that stays away is given up with a coded error, and one that comes back is found again", async () => {
    const store = await opening({ patience: 200 });
    await store.put([{ key: "a", value: "1" }]);
    await proxy.refuse();
    const gone = { code: "STORE_UNAVAILABLE", found: expect.stringContaining(`127.0.0.1:${proxy.port}`) };
    await expect(store.get("a")).rejects.toMatchObject(gone);
    await expect(store.insert([{ key: "b", value: "1" }])).rejects.toMatchObject(gone);
    await proxy.accept();
    expect(await store.get("a")).toBe("1");
    expect(await store.insert([{ key: "b", value: "1" }])).toEqual({ inserted: true });
  });

  test("dispose ends every connection", async () => {
    const store = await opening();
    await Promise.all(Array.from({ length: 4 }, (_, index) => store.get(`${index}`)));
    await store.dispose?.();
    await expect.poll(() => proxy.connections).toBe(0);
    await expect(store.get("a")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  test("two stores of one process are closed each by itself", async () => {
    const [first, second] = [await opening(), await opening()];
    await first.put([{ key: "a", value: "1" }]);
    await first.dispose?.();
    expect(await second.get("a")).toBe("1");
  });

  test("the password is asked for anew for each connection", async () => {
    let asked = 0;
    const password = async () => {
      asked += 1;
      return server.password;
    };
    const store = await opening({ password, connections: 1 });
    await store.put([{ key: "a", value: "1" }]);
    expect(asked).toBe(1);
    proxy.cut();
    await store.get("a");
    expect(asked).toBe(2);
  });

  test.each(["SIGTERM", "SIGKILL"] as const)(
    "a server that is ended by %s and started again while several write loses and doubles nothing",
    async (signal) => {
      const direct = { host: server.host, port: server.port };
      const stores = await Promise.all(Array.from({ length: 3 }, () => opening(direct)));
      const wins: string[][] = stores.map(() => []);
      let writing = true;
      const writers = stores.map(async (store, index) => {
        for (let round = 0; writing; round++) {
          const key = `race/${String(round).padStart(6, "0")}`;
          const own = `own/${index}/${round}`;
          const { inserted } = await store.insert([
            { key: own, value: "" },
            { key, value: "" },
          ]);
          if (inserted) wins[index]?.push(own);
        }
      });
      const written = () => wins.reduce((sum, { length }) => sum + length, 0);
      await expect.poll(written, { timeout: 30_000 }).toBeGreaterThan(20);
      await server.stop(signal === "SIGTERM" ? undefined : signal);
      const before = written();
      await server.start();
      await expect.poll(written, { timeout: 30_000 }).toBeGreaterThan(before + 20);
      writing = false;
      await Promise.all(writers);
      const [store] = stores as [MetadataStore];
      const own = await store.scan("own/", { limit: 100_000 });
      expect(own.map(({ key }) => key).sort()).toEqual(wins.flat().sort());
      expect(await store.scan("race/", { limit: 100_000 })).toHaveLength(own.length);
    },
  );
}
