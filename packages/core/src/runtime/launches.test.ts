import { expect, test } from "vitest";
import type { Attempt, Launcher } from "../contracts/orchestrator.js";
import { Launches } from "./launches.js";

function launcher(launch: Launcher["launch"]) {
  const cancelled: string[] = [];
  const capabilities = { parallel: 1, remote: true, schedule: false, resources: {} };
  const cancel = async (ids: readonly string[]) => void cancelled.push(...ids);
  const one: Launcher = { capabilities, launch, cancel, poll: async () => [], async *logs() {} };
  return { launches: new Launches("r", one), cancelled };
}
const attempts = [{ id: "a" }, { id: "b" }] as unknown as readonly Attempt[];

test("what an engine takes after it was given up is cancelled there, and its names are handed on", async () => {
  const { launches, cancelled } = launcher(async () => {
    launches.giveUp();
    return ["1", { refused: "no" }];
  });
  expect(await launches.launch(attempts)).toEqual(["1", { refused: "no" }]);
  expect(cancelled).toEqual(["1"]);
});

test("a launcher that does not heed that its attempts are given up is left behind, and what comes late is cancelled", {
  timeout: 15_000,
}, async () => {
  let answer: (ids: readonly string[]) => void = () => {};
  const { launches, cancelled } = launcher(() => {
    launches.giveUp();
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  expect(await launches.launch(attempts)).toBeUndefined();
  expect(cancelled).toEqual([]);
  answer(["1", "2"]);
  await expect.poll(() => cancelled).toEqual(["1", "2"]);
});

test("nothing is launched any more once attempts are given up", async () => {
  let launched = 0;
  const { launches } = launcher(async () => {
    launched += 1;
    return ["1", "2"];
  });
  launches.giveUp();
  expect([await launches.launch(attempts), launched]).toEqual([undefined, 0]);
});

test("a launcher that fails at once is named with what it said", async () => {
  const { launches } = launcher(() => {
    throw new Error("the engine burns");
  });
  await expect(launches.launch(attempts)).rejects.toMatchObject({
    code: "ORCHESTRATOR_FAILED",
    found: "the engine burns",
  });
});
