import { setTimeout } from "node:timers/promises";
import { pipeline, step } from "@tenon/core";

export const second = step({
  name: "second",
  cache: false,
  run: async ({ index }) => {
    await setTimeout(1000);
    return index;
  },
});
export const seconds = (count) =>
  pipeline("seconds", () =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, second({ index })])),
  );
