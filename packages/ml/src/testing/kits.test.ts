import { casesThatNothingFails } from "@tenon/core/testing";
import { describe, expect, test } from "vitest";
import { deploy } from "../deployment/deploy.js";
import { evaluate } from "../evaluation/evaluate.js";
import { impute, oneHot, standardise } from "../preprocessing/built-in-operations.js";
import { preprocess } from "../preprocessing/steps.js";
import { hashSplit, randomSplit, stratifiedSplit } from "../splits/steps.js";
import { linear } from "../training/linear.js";
import { materializer } from "../training/linear-model-materializer.js";
import { brokenDeployersOfModels, soundDeployer } from "./broken-deployers.js";
import {
  brokenDeployers,
  brokenEvaluators,
  brokenPreprocessors,
  brokenSplits,
  brokenTrainers,
} from "./broken-steps.js";
import { deployerStepCases, testDeployerStep } from "./deployer-step.js";
import { evaluatorStepCases, testEvaluatorStep } from "./evaluator-step.js";
import { modelDeployerCases, testModelDeployer } from "./model-deployer.js";
import { preprocessorStepCases, testPreprocessorStep } from "./preprocessor-step.js";
import { splitStepCases, testSplitStep } from "./split-step.js";
import { testTrainerStep, trainerStepCases } from "./trainer-step.js";

describe("this package's own steps keep to their interfaces", () => {
  testSplitStep({ test, prefix: "random", step: randomSplit({ train: 0.6, validation: 0.2, test: 0.2 }) });
  testSplitStep({ test, prefix: "by hash", step: hashSplit({ train: 0.8, test: 0.2 }, { by: "id" }) });
  testSplitStep({ test, prefix: "stratified", step: stratifiedSplit({ train: 0.8, test: 0.2 }, { by: "island" }) });
  testPreprocessorStep({
    test,
    prefix: "preprocess",
    step: preprocess({ features: { beak: [impute("mean"), standardise()], island: [oneHot()] }, label: "species" }),
  });
  testTrainerStep({ test, prefix: "classes", step: linear(), materializer: materializer as never });
  testTrainerStep({
    test,
    prefix: "numbers",
    step: linear(),
    materializer: materializer as never,
    transform: {
      features: { flipper: [impute("mean"), standardise()], island: [oneHot()] },
      label: { column: "mass", operations: [standardise()] },
    },
  });
  testEvaluatorStep({ test, prefix: "evaluate", step: evaluate({ slices: ["half"] }) });
  testDeployerStep({ test, prefix: "deploy", step: deploy() });
  testDeployerStep({ test, prefix: "deploy a stage", step: deploy({ stage: "production" }) });
});

testModelDeployer({ test, prefix: "a deployer that is sound", create: soundDeployer });

describe("every case fails on a broken step", () => {
  test("or a deployer", async () =>
    expect(await casesThatNothingFails(modelDeployerCases, brokenDeployersOfModels)).toEqual([]));
  test("that splits", async () => expect(await casesThatNothingFails(splitStepCases, brokenSplits)).toEqual([]));
  test("that preprocesses", async () =>
    expect(await casesThatNothingFails(preprocessorStepCases, brokenPreprocessors)).toEqual([]));
  test("that trains", async () => expect(await casesThatNothingFails(trainerStepCases, brokenTrainers)).toEqual([]));
  test("that evaluates", async () =>
    expect(await casesThatNothingFails(evaluatorStepCases, brokenEvaluators)).toEqual([]));
  test("that deploys", async () => expect(await casesThatNothingFails(deployerStepCases, brokenDeployers)).toEqual([]));
});
