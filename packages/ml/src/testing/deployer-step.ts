import assert from "node:assert/strict";
import type { StepModel, StepRunContext } from "@tenon/core";
import { TenonError } from "@tenon/core";
import type { ConformanceCase } from "@tenon/core/testing";
import type { DeploymentRequest, ModelDeployer } from "../deployment/model-deployer.js";
import { evaluateModel } from "../evaluation/on-demand.js";
import { type DeployerOutputs, type DeployerStep, deployer } from "../steps/contracts.js";
import { parityRows, ScriptedModel } from "./scripted-model.js";
import {
  assertCoded,
  assertDeclares,
  execute,
  registerStepCases,
  type StepKitOptions,
  type StepSubject,
} from "./step-subject.js";

export type DeployerSubject = StepSubject<DeployerStep>;

const version: StepModel = { name: "parity", version: "3", metadata: () => {}, setStage: async () => {} };

/** The context of a run on a stack whose deployer only remembers what it was asked for. */
function contextWith(asked: DeploymentRequest[], fails = false): Partial<StepRunContext<never>> {
  const remembering: ModelDeployer = {
    async deploy(request) {
      asked.push(request);
      if (fails) throw new TenonError("DEPLOYMENT_FAILED", { doing: "deploying", found: "the kit wants it to fail" });
      const { name = request.model, model, stage } = request;
      return { name, model, version: "3", ...(stage && { stage }), status: "serving", url: "http://127.0.0.1:8501" };
    },
    list: async () => [],
    undeploy: async () => {},
  };
  return { model: version, component: (async () => remembering) as StepRunContext["component"] };
}

async function inputs() {
  const model = new ScriptedModel();
  return { model, evaluation: await evaluateModel(model, parityRows()) };
}

/** What a step that deploys promises, a case each. */
export const deployerStepCases: readonly ConformanceCase<DeployerSubject>[] = [
  {
    name: "it declares what a deployer takes and gives",
    async run({ step }) {
      assertDeclares(step, deployer);
    },
  },
  {
    name: "it is never taken from the cache, for it works outside",
    async run({ step }) {
      assert.equal(step.resolved.settings.cache.enabled, false, "write cache: false");
    },
  },
  {
    name: "it says what is served, and where",
    async run(subject) {
      const { deployment } = await execute<DeployerOutputs>(subject, await inputs(), contextWith([]));
      assert.deepEqual([deployment.model, deployment.version, deployment.status], ["parity", "3", "serving"]);
      assert.ok(URL.canParse(deployment.url), `${deployment.url} is no URL`);
      assert.deepEqual(JSON.parse(JSON.stringify(deployment)), deployment);
    },
  },
  {
    name: "a run that works on no model is told so by a coded error",
    async run(subject) {
      const { model: _, ...context } = contextWith([]);
      await assertCoded(execute(subject, await inputs(), context), "it deploys a model of no name");
    },
  },
  {
    name: "what the stack's deployer cannot do fails the step",
    async run(subject) {
      const asked: DeploymentRequest[] = [];
      const attempt = execute(subject, await inputs(), contextWith(asked, true));
      const failed = await attempt.then(
        () => false,
        () => true,
      );
      assert.ok(failed || asked.length === 0, "the deployer failed, and the step did not");
    },
  },
];

/**
 * Certifies a step that deploys, under any test runner.
 *
 * @example testDeployerStep({ test, step: deploy({ stage: "production" }) });
 */
export function testDeployerStep(subject: DeployerSubject & StepKitOptions): void {
  registerStepCases(deployerStepCases, subject);
}
