import assert from "node:assert/strict";
import { isArtifactType } from "../contracts/artifact-type.js";
import type { ConformanceCase } from "./kit.js";
import type { MaterializerSubject } from "./materializer.js";
import { same, withHarness } from "./materializer-harness.js";

export const valueCases: readonly ConformanceCase<MaterializerSubject>[] = [
  {
    name: "it names its type and format, and reads what it writes",
    async run({ materializer, samples }) {
      assert.ok(isArtifactType(materializer.type), "its type is no artifact type");
      assert.match(materializer.format, /^\S+$/);
      assert.ok(materializer.reads.includes(materializer.format), "reads does not include the format that it writes");
      assert.ok((await samples()).length >= 2, "the kit needs two samples or more");
    },
  },
  {
    name: "every sample comes back as it was, in another process",
    async run(subject) {
      await withHarness(subject, async (harness) => {
        const [values, expected] = [await subject.samples(), await subject.samples()];
        for (const [index, value] of values.entries()) {
          const other = harness.elsewhere();
          const loaded = await other.vault.load(await harness.save(value));
          assert.ok(await same(subject, loaded, expected[index]), `sample ${index} came back as another value`);
          await other.vault.dispose();
        }
      });
    },
  },
  {
    name: "what was loaded can be saved and loaded again",
    async run(subject) {
      await withHarness(subject, async (harness) => {
        const [values, expected] = [await subject.samples(), await subject.samples()];
        for (const [index, value] of values.entries()) {
          const once = await harness.vault.load(await harness.save(value));
          const twice = await harness.vault.load(await harness.save(once));
          assert.ok(await same(subject, twice, expected[index]), `sample ${index} did not survive a second time`);
        }
      });
    },
  },
  {
    name: "two loads give values that do not share what can be changed",
    async run(subject) {
      await withHarness(subject, async (harness) => {
        for (const value of await subject.samples()) {
          const saved = await harness.save(value);
          const [one, two] = [await harness.vault.load(saved), await harness.vault.load(saved)];
          if (typeof one === "object" && one !== null) assert.notEqual(one, two);
        }
      });
    },
  },
  {
    name: "saving does not change the value",
    async run(subject) {
      await withHarness(subject, async (harness) => {
        const [values, untouched] = [await subject.samples(), await subject.samples()];
        for (const [index, value] of values.entries()) {
          if (isOneShot(value)) continue;
          await harness.save(value);
          assert.ok(
            await same(subject, value, untouched[index]),
            `sample ${index} is another value after it was saved`,
          );
        }
      });
    },
  },
  {
    name: "values can be saved and loaded at the same time",
    async run(subject) {
      await withHarness(subject, async (harness) => {
        const rounds = [1, 2, 3].map(async () => {
          const [values, expected] = [await subject.samples(), await subject.samples()];
          await Promise.all(
            values.map(async (value, index) => {
              const loaded = await harness.vault.load(await harness.save(value));
              assert.ok(await same(subject, loaded, expected[index]), `sample ${index} was mixed up with another`);
            }),
          );
        });
        await Promise.all(rounds);
      });
    },
  },
  {
    name: "it recognises its samples, if it recognises anything, and no null, number or plain function",
    async run({ materializer, samples }) {
      if (!materializer.recognises) return;
      const values = await samples();
      for (const [index, value] of values.entries()) {
        assert.equal(materializer.recognises(value), true, `it does not recognise sample ${index}`);
      }
      const kinds = new Set(values.map((value) => (value === null ? "null" : typeof value)));
      for (const other of [null, undefined, 1, () => 1]) {
        if (kinds.has("null") || kinds.has("number") || kinds.has("undefined")) continue;
        assert.equal(materializer.recognises(other), false, `it takes ${String(other)} for its own`);
      }
    },
  },
  {
    name: "values that it cannot hold are refused with a coded error, and leave nothing behind",
    async run({ materializer, refuses = [] }) {
      await withHarness({ materializer, samples: () => [] }, async (harness) => {
        for (const [index, value] of refuses.entries()) {
          await assert.rejects(harness.save(value), hasCode, `value ${index} of those to refuse was taken`);
        }
        assert.equal(harness.objects.size, 0);
      });
    },
  },
];

export function hasCode(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^[A-Z]+(_[A-Z]+)+$/.test(code);
}

/** An iterator, or a Node stream, is used up by being saved. */
export function isOneShot(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || ("next" in value && typeof value.next === "function");
}
