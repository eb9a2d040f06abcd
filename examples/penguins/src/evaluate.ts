import { step, svg } from "@tenon/core";
import { z } from "zod";
import { drawConfusion } from "./confusion.js";
import { probabilities, softmaxModel } from "./fit.js";
import { examples, species } from "./table.js";

export const report = z.object({
  accuracy: z.number().min(0).max(1),
  rows: z.int(),
  confusion: z.array(z.array(z.int())),
  perSpecies: z.record(z.enum(species), z.object({ precision: z.number(), recall: z.number() })),
});

/** Looks at rows that the model has not seen. The metrics are metadata too, so that runs can be compared by them. */
export const evaluate = step({
  name: "evaluate",
  inputs: { model: softmaxModel, test: examples },
  outputs: { report, confusion: svg },
  run({ model, test }, { log, metadata }) {
    const confusion = species.map(() => species.map(() => 0));
    for (const { x, y } of test) {
      const likely = probabilities(model, x);
      const guess = likely.indexOf(Math.max(...likely));
      const row = confusion[y] as number[];
      row[guess] = (row[guess] as number) + 1;
    }
    const right = species.reduce((sum, _, index) => sum + (confusion[index]?.[index] as number), 0);
    const accuracy = right / test.length;
    const perSpecies = Object.fromEntries(
      species.map((name, index) => {
        const hits = confusion[index]?.[index] as number;
        const predicted = confusion.reduce((sum, row) => sum + (row[index] as number), 0);
        const actual = (confusion[index] as number[]).reduce((sum, count) => sum + count, 0);
        return [name, { precision: predicted ? hits / predicted : 0, recall: actual ? hits / actual : 0 }];
      }),
    ) as z.infer<typeof report>["perSpecies"];
    log.info(`accuracy ${(accuracy * 100).toFixed(1)} % on ${test.length} penguins`);
    metadata({ report: { accuracy, rows: test.length } });
    return {
      report: { accuracy, rows: test.length, confusion, perSpecies },
      confusion: drawConfusion(confusion, species, accuracy),
    };
  },
});
