import assert from "node:assert/strict";
import type { ConformanceCase } from "./kit.js";
import type { MaterializerSubject } from "./materializer.js";
import { withHarness } from "./materializer-harness.js";
import { isOneShot } from "./materializer-values.js";

const mediaTypes = ["text/html", "image/svg+xml", "image/png", "text/markdown", "text/csv", "text/plain"];

export const descriptionCases: readonly ConformanceCase<MaterializerSubject>[] = [
  {
    name: "metadata is JSON, and the same for the same value",
    async run({ materializer, samples }) {
      const [values, again] = [await samples(), await samples()];
      for (const [index, value] of values.entries()) {
        const metadata = (await materializer.metadata?.(value)) ?? {};
        assert.deepEqual(JSON.parse(JSON.stringify(metadata)), metadata, `metadata of sample ${index} is not JSON`);
        assert.ok(JSON.stringify(metadata).length < 100_000, "metadata is a summary, not the value");
        assert.deepEqual((await materializer.metadata?.(again[index])) ?? {}, metadata);
      }
    },
  },
  {
    name: "visualizations have names of their own, known media types and bodies",
    async run({ materializer, samples }) {
      for (const value of await samples()) {
        const found = (await materializer.visualize?.(value)) ?? [];
        assert.equal(new Set(found.map(({ name }) => name)).size, found.length, "two have one name");
        for (const { name, mediaType, body } of found) {
          assert.match(name, /^[A-Za-z0-9][A-Za-z0-9._ -]{0,99}$/);
          assert.ok(mediaTypes.includes(mediaType), mediaType);
          assert.ok(typeof body === "string" || body instanceof Uint8Array, `${name} has no body`);
        }
      }
    },
  },
  {
    name: "describing a value neither changes it nor uses it up",
    async run(subject) {
      await withHarness(subject, async (harness) => {
        const { materializer } = subject;
        const [values, plain] = [await subject.samples(), await subject.samples()];
        for (const [index, value] of values.entries()) {
          await materializer.metadata?.(value);
          await materializer.visualize?.(value);
          const described = await harness.save(value);
          const undescribed = await harness.save(plain[index]);
          if (subject.deterministic !== false || isOneShot(value)) assert.equal(described.digest, undescribed.digest);
        }
      });
    },
  },
];
