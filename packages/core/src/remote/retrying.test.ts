import assert from "node:assert/strict";
import { test } from "vitest";
import type { ArtifactStore } from "../contracts/artifact-store.js";
import { TenonError } from "../errors.js";
import { MemoryArtifactStore } from "../testing/memory-artifact-store.js";
import { committing } from "./committing.js";
import { probeArtifactStore } from "./probe-artifact-store.js";
import { retrying } from "./retrying.js";

test("what passes is tried again so often, and what does not only once", async () => {
  const tries: number[] = [];
  const work = (failures: number) => async (before: number) => {
    tries.push(before);
    if (before < failures) throw new Error("broken");
    return "done";
  };
  assert.equal(await retrying(work(2), { isTransient: () => true, retries: 2 }), "done");
  await assert.rejects(retrying(work(3), { isTransient: () => true, retries: 2 }), /broken/);
  await assert.rejects(retrying(work(1), { isTransient: () => false }), /broken/);
  assert.deepEqual(tries, [0, 1, 2, 0, 1, 2, 0]);
});

test("a signal ends the pause before the next try", async () => {
  const controller = new AbortController();
  const work = async () => {
    setImmediate(() => controller.abort(new Error("no longer wanted")));
    throw new Error("broken");
  };
  await assert.rejects(retrying(work, { isTransient: () => true, signal: controller.signal }), /no longer wanted/);
});

test("what commits is let finish after a cancellation, and broken off if it takes too long", async () => {
  const controller = new AbortController();
  const finishing = committing(controller.signal, async (late) => {
    controller.abort(new Error("no longer wanted"));
    return late.aborted;
  });
  assert.equal(await finishing, false);
  const another = new AbortController();
  const hanging = committing(
    another.signal,
    (late) => {
      another.abort(new Error("no longer wanted"));
      return new Promise((_, reject) => late.addEventListener("abort", () => reject(late.reason)));
    },
    1,
  );
  await assert.rejects(hanging, /no longer wanted/);
  await assert.rejects(
    committing(another.signal, async () => assert.fail("it was begun")),
    /no longer wanted/,
  );
});

test("a probe through the contract leaves nothing, and finds out what ignores conditions or may not be done", async () => {
  const permissions = { list: "l", write: "w", read: "r", delete: "d" };
  const store: ArtifactStore = new MemoryArtifactStore();
  assert.deepEqual(
    (await probeArtifactStore(store, permissions)).map(({ permission, error }) => [permission, error]),
    ["l", "w", "r", "w", "d"].map((permission) => [permission, undefined]),
  );
  assert.deepEqual(await store.list(""), { entries: [] });
  const denied = new TenonError("STORE_DENIED", { doing: "listing", found: "it is not allowed" });
  const poor = new Proxy(store, {
    get(target, name) {
      if (name === "list") return () => Promise.reject(denied);
      if (name === "write") return (key: string, body: Uint8Array) => target.write(key, body);
      return Reflect.get(target, name).bind(target);
    },
  });
  const found = (await probeArtifactStore(poor, permissions)).map(
    ({ error }) => (error as TenonError | undefined)?.code,
  );
  assert.deepEqual(found, ["STORE_DENIED", undefined, undefined, "STORE_UNSUITABLE", undefined]);
});
