import assert from "node:assert/strict";
import type { ConformanceCase } from "./kit.js";
import type { MaterializerSubject } from "./materializer.js";
import { type MaterializerHarness, withHarness } from "./materializer-harness.js";
import { hasCode } from "./materializer-values.js";

export const bytesCases: readonly ConformanceCase<MaterializerSubject>[] = [
  {
    name: "the same value gives the same bytes, and different samples different ones",
    async run(subject) {
      if (subject.deterministic === false) return;
      await withHarness(subject, async (harness) => {
        const digests = await digestsOf(harness, subject);
        assert.deepEqual(await digestsOf(harness, subject), digests);
        assert.equal(new Set(digests).size, digests.length, "two samples have the same bytes");
      });
    },
  },
  {
    name: "a file that was cut off, altered or deleted gives a coded error and no value",
    async run(subject) {
      await withHarness(subject, async (harness) => {
        for (const value of await subject.samples()) {
          const saved = await harness.save(value);
          for (const key of harness.filesOf(saved)) {
            const whole = harness.objects.get(key) ?? new Uint8Array();
            // That nothing is missing from an empty file is known without it.
            if (whole.length === 0) continue;
            for (const spoilt of [whole.slice(0, -1), flipped(whole), undefined]) {
              if (spoilt) harness.objects.set(key, spoilt);
              else harness.objects.delete(key);
              const other = harness.elsewhere();
              await assert.rejects(loadedWhole(other, saved), hasCode, `${key} ${spoilt ? "spoilt" : "deleted"}`);
              await other.vault.dispose();
            }
            harness.objects.set(key, whole);
          }
        }
      });
    },
  },
  {
    name: "files with valid digests but senseless contents give an error and no value",
    async run(subject) {
      await withHarness(subject, async (harness) => {
        const { materializer } = subject;
        // A file that no materializer writes, instead of those that it does.
        const foreign = {
          ...materializer,
          save: async (_: unknown, files: { write(path: string, body: string): Promise<void> }) =>
            files.write("not-by-this-materializer", "?"),
          metadata: () => ({}),
          visualize: () => [],
        };
        const other = new (harness.constructor as typeof MaterializerHarness)(foreign, harness.objects);
        const saved = await other.save(undefined);
        if (materializer.format === "file") return;
        await assert.rejects(loadedWhole(harness, saved), hasCode);
      });
    },
  },
  {
    name: "a save that is cancelled rejects and leaves nothing",
    async run(subject) {
      await withHarness(subject, async (harness) => {
        for (const value of await subject.samples()) {
          const controller = new AbortController();
          const save = harness.save(value, controller.signal);
          controller.abort(new Error("no longer wanted"));
          await assert.rejects(save, /no longer wanted/);
        }
        assert.equal(harness.objects.size, 0);
      });
    },
  },
  {
    name: "it writes only through the writer that it is given, and awaits that",
    async run(subject) {
      await withHarness(subject, async (harness) => {
        for (const value of await subject.samples()) {
          const saved = await harness.save(value);
          assert.ok(harness.filesOf(saved).length > 0, "it wrote no file");
          const sizes = harness.filesOf(saved).map((key) => harness.objects.get(key)?.length ?? 0);
          assert.equal(
            sizes.reduce((sum, size) => sum + size, 0),
            saved.size,
          );
        }
      });
    },
  },
];

async function digestsOf(harness: MaterializerHarness, { samples }: MaterializerSubject): Promise<string[]> {
  const digests: string[] = [];
  for (const value of await samples()) digests.push((await harness.save(value)).digest);
  return digests;
}

/** Streams fail where they are read, not where they are opened. */
async function loadedWhole(harness: MaterializerHarness, saved: Parameters<typeof harness.vault.load>[0]) {
  const value = await harness.vault.load(saved);
  if (typeof value !== "object" || value === null || !(Symbol.asyncIterator in value)) return;
  for await (const _ of value as AsyncIterable<unknown>) {
    // Reading it is the test.
  }
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 0x20;
  return copy;
}
