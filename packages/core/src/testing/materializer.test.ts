import assert from "node:assert/strict";
import { test } from "vitest";
import { brokenMaterializers, soundMaterializer } from "./broken/materializers.js";
import { casesThatNothingFails } from "./kit.js";
import { materializerCases, testMaterializer } from "./materializer.js";

testMaterializer({ test, prefix: "a sound one", ...soundMaterializer() });

test("every case of the kit for materializers fails on a broken one", async () => {
  assert.deepEqual(await casesThatNothingFails(materializerCases, brokenMaterializers), []);
});
