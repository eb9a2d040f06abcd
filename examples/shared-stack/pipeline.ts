import { pipeline } from "@tenon/core";
import { z } from "zod";
import { compare } from "./src/compare.js";
import { fit } from "./src/fit.js";
import { measure } from "./src/measure.js";

/** How warm is a year at three places? Their branches depend on nothing of each other: several workers can have them. */
export const stations = pipeline({
  name: "stations",
  params: z.object({ days: z.int().positive().default(730) }),
  body: ({ params: { days } }) => {
    const seasonOf = (station: "coast" | "valley" | "summit") => {
      const measured = measure({}, { station, days }, { name: `measure_${station}` });
      return fit({ measured }, {}, { name: `fit_${station}` });
    };
    const [coast, valley, summit] = [seasonOf("coast"), seasonOf("valley"), seasonOf("summit")];
    return { coast, valley, summit, report: compare({ coast, valley, summit }) };
  },
});
