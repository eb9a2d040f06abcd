import { artifactType } from "@tenon/core";
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
export type Observation = z.infer<typeof observation>;

/** A row that a model can learn from: one number for each of `features`, and the index of its species. */
export const example = z.object({ x: z.array(z.number()).length(features.length), y: z.int().min(0).max(2) });
export type Example = z.infer<typeof example>;

/** Stored as tables: rows here, and columns or an Arrow table for whoever looks at them so. */
export const birds = artifactType<Observation[]>("table", { schema: observations });
export const examples = artifactType<Example[]>("table", { schema: z.array(example).min(1) });

/** Mean and standard deviation of each feature, measured on the training rows alone. */
export const scaling = z.object({ mean: z.array(z.number()), deviation: z.array(z.number().positive()) });
export type Scaling = z.infer<typeof scaling>;

/** The measurements of a bird, or nothing if one of them is missing. */
export function measurements(row: Observation): number[] | undefined {
  const x = features.flatMap((feature) => row[feature] ?? []);
  return x.length === features.length ? x : undefined;
}

/** Every feature with mean 0 and deviation 1, as it was on the training rows. */
export function standardised(x: readonly number[], { mean, deviation }: Scaling): number[] {
  return x.map((value, column) => (value - (mean[column] as number)) / (deviation[column] as number));
}
