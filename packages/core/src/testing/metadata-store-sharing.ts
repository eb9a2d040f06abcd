import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { MetadataStore } from "../contracts/metadata-store.js";
import type { ConformanceCase } from "./kit.js";
import type { MetadataStoreSubject, OtherProcess } from "./metadata-store.js";

/** Several users of the same data. */
export const sharingCases: readonly ConformanceCase<MetadataStoreSubject>[] = [
  {
    name: "a second instance sees every write that had completed",
    async run(subject) {
      await withSecond(subject, async (first, second) => {
        for (let round = 0; round < 20; round++) {
          const [writer, reader] = round % 2 ? [first, second] : [second, first];
          await writer.put([{ key: "put", value: `${round}` }]);
          await writer.insert([{ key: `insert/${String(round).padStart(2, "0")}`, value: "" }]);
          assert.equal(await reader.get("put"), `${round}`);
          assert.deepEqual(await reader.getMany(["put"]), [`${round}`]);
          assert.equal((await reader.scan("insert/")).length, round + 1);
        }
        await first.delete(["put"]);
        assert.equal(await second.get("put"), undefined);
      });
    },
  },
  {
    name: "a reader sees all of a write or nothing of it",
    async run(subject) {
      await withSecond(subject, async (writer, reader) => {
        const names = Array.from({ length: 8 }, (_, index) => `pair/${index}`);
        let writing = true;
        const work = (async () => {
          for (let round = 0; round < 40; round++) {
            if (round % 10 === 9) await writer.delete(names);
            else if (round % 10 === 0) await writer.insert(names.map((key) => ({ key, value: `${round}` })));
            else await writer.put(names.map((key) => ({ key, value: `${round}` })));
          }
        })().finally(() => {
          writing = false;
        });
        work.catch(() => {}); // met again below, once reading has come to its end
        try {
          while (writing) {
            const values = new Set(await reader.getMany(names));
            const listed = await reader.scan("pair/");
            assert.equal(values.size, 1, `one getMany saw ${[...values].join(" and ")}`);
            assert.ok(new Set(listed.map(({ value }) => value)).size <= 1, "one scan saw two writes");
            assert.ok(listed.length % names.length === 0, `one scan saw ${listed.length} of 8 records`);
            await new Promise(setImmediate);
          }
        } finally {
          await work;
        }
      });
    },
  },
  {
    name: "of inserts by several instances exactly one succeeds",
    async run(subject) {
      await withSecond(subject, async (first, second) => {
        for (let round = 0; round < 50; round++) {
          const key = `race/${round}`;
          const tries = [first, second].map((store, index) => store.insert([{ key, value: `${index}` }]));
          const results = await Promise.all(tries);
          assert.equal(results.filter(({ inserted }) => inserted).length, 1);
        }
      });
    },
  },
  {
    name: "many writes at once all arrive",
    async run({ store }) {
      const names = Array.from({ length: 100 }, (_, index) => `many/${String(index).padStart(3, "0")}`);
      await Promise.all(names.map((key) => store.put([{ key, value: key }])));
      assert.deepEqual(await store.getMany(names), names);
    },
  },
  {
    name: "what was written outlives the instance that wrote it",
    async run(subject) {
      await withSecond(subject, async (first, second) => {
        await second.put([{ key: "kept", value: "1" }]);
        await second.dispose?.();
        assert.equal(await first.get("kept"), "1");
        await withSecond(subject, async (_, third) => assert.equal(await third.get("kept"), "1"));
      });
    },
  },
  {
    name: "dispose can be called again",
    async run({ store }) {
      await store.put([{ key: "a", value: "1" }]);
      await store.dispose?.();
      await store.dispose?.();
    },
  },
  {
    name: "of inserts by several processes exactly one succeeds",
    async run({ store, elsewhere }) {
      assert.ok(elsewhere, "Give `elsewhere`, so that this can be tried, or skip this case with a reason.");
      const rounds = 60;
      const winners = await inProcesses(elsewhere, elsewhere.processes ?? 3, rounds);
      const all = winners.flat();
      assert.equal(new Set(all).size, all.length, "two processes inserted one key");
      assert.equal(all.length, rounds, `${rounds - all.length} keys were inserted by no process`);
      const found = await store.scan("race/", { limit: 1000 });
      assert.equal(found.length, rounds);
      for (const { key, value } of found) {
        assert.ok(winners[Number(value)]?.includes(key), `${key} does not hold what its winner wrote`);
      }
      // Each insert had a record of its own: only winners may have left theirs.
      assert.equal((await store.scan("own/", { limit: 1000 })).length, rounds);
    },
  },
];

async function withSecond(
  { store, openAgain }: MetadataStoreSubject,
  body: (first: MetadataStore, second: MetadataStore) => Promise<void>,
): Promise<void> {
  assert.ok(openAgain, "Give `openAgain`, so that this can be tried, or skip this case with a reason.");
  const second = await openAgain();
  try {
    await body(store, second);
  } finally {
    if (second !== store) await second.dispose?.();
  }
}

/** Run by each process: says that it is ready, waits for the start, and inserts. */
const contender = `
const [module, argument, name, rounds] = process.argv.slice(1);
const { open } = await import(module);
const store = await open(argument);
process.stdout.write("ready\\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdin.destroy();
const won = [];
for (let round = 0; round < Number(rounds); round++) {
  const key = "race/" + round;
  const records = [{ key: "own/" + name + "/" + round, value: "" }, { key, value: name }];
  if ((await store.insert(records)).inserted) won.push(key);
}
await store.dispose?.();
process.stdout.write(JSON.stringify(won) + "\\n");
`;

/** For each process the keys that it was the one to insert. */
async function inProcesses(elsewhere: OtherProcess, count: number, rounds: number): Promise<string[][]> {
  const children: ChildProcess[] = [];
  try {
    const contenders = Array.from({ length: count }, (_, index) => {
      const options = [...(elsewhere.execArgv ?? []), "--input-type=module", "--eval", contender, "--"];
      const parameters = [elsewhere.module, elsewhere.argument, `${index}`, `${rounds}`];
      const child = spawn(process.execPath, [...options, ...parameters], { stdio: ["pipe", "pipe", "inherit"] });
      children.push(child);
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      return { child, lines, exited: once(child, "exit") };
    });
    for (const { lines } of contenders) {
      assert.equal((await lines.next()).value, "ready", "a process could not open the store");
    }
    for (const { child } of contenders) child.stdin.write("go\n");
    return await Promise.all(
      contenders.map(async ({ lines, exited }) => {
        const { value } = await lines.next();
        const [code] = await exited;
        assert.equal(code, 0, `a process ended with exit code ${code}`);
        return JSON.parse(value as string) as string[];
      }),
    );
  } finally {
    for (const child of children) child.kill();
  }
}
