import { step } from "@tenon/core";
import { z } from "zod";

/** Mean, swing over the year and noise, in degrees. */
const climates = { coast: [11, 6, 1.5], valley: [9, 11, 2.5], summit: [-2, 8, 4] } as const;

/** Temperatures, one a day. They are made up, and the same wherever they are made. */
export const measure = step({
  name: "measure",
  params: z.object({ station: z.enum(["coast", "valley", "summit"]), days: z.int().positive() }),
  output: z.array(z.number()),
  run(_, { params: { station, days } }) {
    const [mean, swing, noise] = climates[station];
    let state = station.length * 7919 + days;
    const chance = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32 - 0.5;
    };
    return Array.from({ length: days }, (_, day) => {
      const season = -Math.cos((2 * Math.PI * day) / 365);
      return Number((mean + swing * season + noise * chance()).toFixed(1));
    });
  },
});
