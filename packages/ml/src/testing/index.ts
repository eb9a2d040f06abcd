export { type DeployerSubject, deployerStepCases, testDeployerStep } from "./deployer-step.js";
export { type EvaluatorSubject, evaluatorStepCases, testEvaluatorStep } from "./evaluator-step.js";
export { type ModelDeployerSubject, modelDeployerCases, testModelDeployer } from "./model-deployer.js";
export { type PreprocessorSubject, preprocessorStepCases, testPreprocessorStep } from "./preprocessor-step.js";
export { type SplitSubject, splitStepCases, testSplitStep } from "./split-step.js";
export type { StepKitOptions, StepSubject } from "./step-subject.js";
export { type TrainerSubject, testTrainerStep, trainerStepCases } from "./trainer-step.js";
