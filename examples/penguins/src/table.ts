import { z } from "zod";

export const species = ["Adelie", "Chinstrap", "Gentoo"] as const;
export const features = ["Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"] as const;

const measurement = z.number().positive().nullable();

/** A row as it was noted down on the islands: some measurements are missing. */
export const observation = z.object({
  Species: z.enum(species),
  Island: z.enum(["Biscoe", "Dream", "Torgersen"]),
  "Beak Length (mm)": measurement,
  "Beak Depth (mm)": measurement,
  "Flipper Length (mm)": measurement,
  "Body Mass (g)": measurement,
  Sex: z.string().nullable(),
});
export const observations = z.array(observation);

/** A row that a model can learn from: one number for each of `features`, and the index of its species. */
export const example = z.object({ x: z.array(z.number()).length(features.length), y: z.int().min(0).max(2) });
export const examples = z.array(example).min(1);
export type Example = z.infer<typeof example>;

/** Mean and standard deviation of each feature, measured on the training rows alone. */
export const scaling = z.object({ mean: z.array(z.number()), deviation: z.array(z.number().positive()) });
