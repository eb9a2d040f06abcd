import { step } from "@tenon/core";
import { evaluateModel, evaluationReport } from "../evaluation/on-demand.js";
import { standardise } from "../preprocessing/built-in-operations.js";
import { fit } from "../preprocessing/fit.js";
import type { FittedTransform } from "../preprocessing/fitted-transform.js";
import {
  deployer,
  type EvaluatorInputs,
  evaluator,
  preprocessor,
  splitter,
  type TrainerInputs,
  trainer,
} from "../steps/contracts.js";
import type { Features } from "../training/examples.js";
import { LinearModel } from "../training/linear-model.js";
import { materializer as linearMaterializer } from "../training/linear-model-materializer.js";
import { TrainedModel } from "../training/trained-model.js";
import type { Row, Rows } from "../vocabulary/row.js";
import type { DeployerSubject } from "./deployer-step.js";
import type { EvaluatorSubject } from "./evaluator-step.js";
import type { PreprocessorSubject } from "./preprocessor-step.js";
import type { SplitSubject } from "./split-step.js";
import type { TrainerSubject } from "./trainer-step.js";

// Each breaks a promise of its kit, and no more than it must.

const cutting = (run: (rows: Rows) => { train: Rows; test: Rows }): SplitSubject => ({
  step: step({ name: "split", ...splitter, run: ({ rows }) => run(rows) }),
});
const halves = (rows: Rows) => ({ train: rows.slice(0, rows.length / 2), test: rows.slice(rows.length / 2) });

export const brokenSplits: Readonly<Record<string, () => SplitSubject>> = {
  "has one output": () => ({
    step: step({ name: "split", inputs: splitter.inputs, run: ({ rows }) => rows }) as never,
  }),
  "puts rows into both parts": () => cutting((rows) => ({ train: rows, test: rows })),
  "leaves a part empty, and takes no rows": () => cutting((rows) => ({ train: rows, test: [] })),
  "goes by chance": () => cutting((rows) => halves([...rows].sort(() => Math.random() - 0.5))),
  "sorts in place": () => cutting((rows) => halves((rows as Row[]).reverse())),
};

const learning = (run: (train: Rows) => unknown): PreprocessorSubject => ({
  step: step({
    name: "preprocess",
    ...preprocessor,
    run: ({ train }) => ({ transform: run(train) as FittedTransform }),
  }),
});
const beaks = (rows: Rows) => fit(rows, { features: { beak: [standardise()] }, label: "species" });
const changed = (transform: FittedTransform, changes: Partial<FittedTransform>) =>
  new Proxy(transform, {
    get: (target, key) => (key in changes ? changes[key as never] : bound(target, key)),
  });

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key, target);
  return typeof value === "function" ? value.bind(target) : value;
}

let times = 0;
export const brokenPreprocessors: Readonly<Record<string, () => PreprocessorSubject>> = {
  "has one output": () => ({
    step: step({ name: "preprocess", inputs: preprocessor.inputs, run: ({ train }) => beaks(train) }) as never,
  }),
  "gives no numbers": () => learning((train) => changed(beaks(train), { features: () => [Number.NaN] })),
  "takes the label for a feature": () =>
    learning((train) => fit(train, { features: { mass: [standardise()] }, label: "mass" })),
  "does what its state does not say": () => learning((train) => changed(beaks(train), { features: () => [1] })),
  "learns another thing each time": () =>
    learning((train) =>
      fit(train, { features: { [["beak", "depth"][times++ % 2] as string]: [standardise()] }, label: "species" }),
    ),
  "writes into the rows": () =>
    learning((train) => {
      for (const row of train) (row as { seen?: boolean }).seen = true;
      return beaks(train);
    }),
  "learns from no rows": () =>
    learning((train) => beaks(train.length === 0 ? [{ beak: 1, species: "Adelie" }] : train)),
};

/** Says of every row what its function says. */
class OddModel extends TrainedModel {
  readonly framework = "odd";
  constructor(
    transform: FittedTransform,
    readonly say: (features: Features) => number[],
  ) {
    super(transform);
  }
  protected score(features: Features): number[] {
    return this.say(features);
  }
}

const training = (
  run: (inputs: TrainerInputs) => TrainedModel,
  changes: Partial<TrainerSubject> = {},
): TrainerSubject => ({
  step: step({ name: "train", ...trainer, run: (inputs) => ({ model: run(inputs) }) }),
  materializer: linearMaterializer as never,
  ...changes,
});
const first = ({ rows }: Features) => Array.from({ length: rows * 3 }, (_, at) => (at % 3 === 0 ? 1 : 0));

export const brokenTrainers: Readonly<Record<string, () => TrainerSubject>> = {
  "has one output": () => ({
    ...training(() => ({}) as never),
    step: step({ name: "train", inputs: trainer.inputs, run: () => 1 }) as never,
  }),
  "gives weights alone": () => training(() => ({ weights: [1] }) as never),
  "needs validation rows": () =>
    training(({ validation, transform }) => {
      if (!validation) throw new Error("no validation rows");
      return new OddModel(transform, first);
    }),
  "predicts numbers that are none": () => training(({ transform }) => new OddModel(transform, () => [Number.NaN])),
  "knows one class only, and does not heed its signal": () =>
    training(({ transform }) => new OddModel(transform, first)),
  "goes by chance": () =>
    training(({ transform }) => new OddModel(transform, (features) => first(features).map(() => Math.random()))),
  "is saved without its weights": () =>
    training(({ transform }) => new OddModel(transform, first), {
      materializer: {
        ...linearMaterializer,
        metadata: () => ({}),
        save: async () => {},
        load: async () => new LinearModel({} as never, []),
      } as never,
    }),
  "fills in columns that are not there": () =>
    training(({ transform }) => new OddModel(changed(transform, { writeFeatures: () => {} }), first)),
};

const judging = (run: (inputs: EvaluatorInputs) => unknown): EvaluatorSubject => ({
  step: step({ name: "evaluate", ...evaluator, run: async (inputs) => (await run(inputs)) as never }),
});
const found = async (inputs: EvaluatorInputs, changes: object = {}) => {
  const evaluation = await evaluateModel(inputs.model, inputs.test);
  return { evaluation: { ...evaluation, ...changes }, report: await evaluationReport(evaluation) };
};

export const brokenEvaluators: Readonly<Record<string, () => EvaluatorSubject>> = {
  "has one output": () => ({ step: step({ name: "evaluate", inputs: evaluator.inputs, run: () => 1 }) as never }),
  "praises every model": () => judging((inputs) => found(inputs, { metrics: { accuracy: 1 } })),
  "counts all rows": () => judging((inputs) => found(inputs, { rows: inputs.test.length })),
  "gives a date": () => judging((inputs) => found(inputs, { made: new Date() })),
  "writes a page with a script": () =>
    judging(async (inputs) => ({
      ...(await found(inputs)),
      report: '<!doctype html><script src="https://example.org/plot.js"></script>',
    })),
  "compares with nothing, and takes anything": () => judging(() => ({ evaluation: { metrics: {} }, report: "" })),
};

const deploying = (run: () => unknown, cache = false): DeployerSubject => ({
  step: step({ name: "deploy", cache, ...deployer, run: async () => (await run()) as never }),
});

export const brokenDeployers: Readonly<Record<string, () => DeployerSubject>> = {
  "has one output": () => ({
    step: step({ name: "deploy", cache: false, inputs: deployer.inputs, run: () => 1 }) as never,
  }),
  "is cached, and serves nothing": () => deploying(() => ({ deployment: {} }), true),
  "takes no notice of a failure": () => ({
    step: step({
      name: "deploy",
      cache: false,
      ...deployer,
      async run(_, { component }) {
        const asked = await component({ name: "modelDeployer" } as never);
        await (asked as { deploy(request: object): Promise<void> }).deploy({}).catch(() => {});
        return { deployment: {} as never };
      },
    }),
  }),
};
