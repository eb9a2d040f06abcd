import assert from "node:assert/strict";
import { type ConformanceCase, type KitOptions, registerCases } from "@tenon/core/testing";
import type { DeploymentRequest, ModelDeployer } from "../deployment/model-deployer.js";

export interface ModelDeployerSubject {
  /** One that serves nothing yet. */
  readonly deployer: ModelDeployer;
  /** A version of a model that it can serve. */
  readonly request: DeploymentRequest & { readonly version: string };
  /** Called after the case. */
  dispose?(): Promise<void> | void;
}

/** What a model deployer promises, a case each. */
export const modelDeployerCases: readonly ConformanceCase<ModelDeployerSubject>[] = [
  {
    name: "it says what it serves, as plain data, under the model's name unless another is given",
    async run({ deployer, request }) {
      const deployment = await deployer.deploy(request);
      assert.deepEqual(JSON.parse(JSON.stringify(deployment)), deployment);
      const { name, model, version, status, url } = deployment;
      assert.deepEqual([name, model, version, status], [request.model, request.model, request.version, "serving"]);
      assert.ok(URL.canParse(url), `${url} is no URL`);
      assert.equal((await deployer.deploy({ ...request, name: "other" })).name, "other");
    },
  },
  {
    name: "it lists what it serves, in the order of the names",
    async run({ deployer, request }) {
      assert.deepEqual(await deployer.list(), []);
      for (const name of ["b", "a"]) await deployer.deploy({ ...request, name });
      const found = await deployer.list();
      assert.deepEqual(
        found.map(({ name, status }) => [name, status]),
        [
          ["a", "serving"],
          ["b", "serving"],
        ],
      );
    },
  },
  {
    name: "what is deployed under a name that is taken replaces what was there",
    async run({ deployer, request }) {
      await deployer.deploy(request);
      const again = await deployer.deploy(request);
      assert.deepEqual(await deployer.list(), [again]);
    },
  },
  {
    name: "a request that cannot be met leaves what was there being served, where it was",
    async run({ deployer, request }) {
      const { url } = await deployer.deploy(request);
      await assert.rejects(deployer.deploy({ ...request, version: "no-such-version" }), { code: "MODEL_UNKNOWN" });
      const found = await deployer.list();
      assert.deepEqual(
        found.map((one) => [one.version, one.status, one.url]),
        [[request.version, "serving", url]],
      );
    },
  },
  {
    name: "what was ended is served no more",
    async run({ deployer, request }) {
      await deployer.deploy(request);
      await deployer.undeploy(request.model);
      assert.deepEqual(await deployer.list(), []);
    },
  },
  {
    name: "ending what is not there is refused with DEPLOYMENT_UNKNOWN",
    async run({ deployer }) {
      await assert.rejects(deployer.undeploy("no-such-deployment"), { code: "DEPLOYMENT_UNKNOWN" });
    },
  },
  {
    name: "a model and a version that are not there are refused with MODEL_UNKNOWN, and are not listed",
    async run({ deployer, request }) {
      await assert.rejects(deployer.deploy({ model: "no-such-model" }), { code: "MODEL_UNKNOWN" });
      await assert.rejects(deployer.deploy({ ...request, version: "no-such-version" }), { code: "MODEL_UNKNOWN" });
      assert.deepEqual(await deployer.list(), []);
    },
  },
];

/**
 * Certifies a model deployer, under any test runner.
 *
 * @example testModelDeployer({ test, create: async () => ({ deployer: await makeDeployer(), request: { model: "churn", version: "1" } }) });
 */
export function testModelDeployer({ destroy = end, ...options }: KitOptions<ModelDeployerSubject>): void {
  registerCases(modelDeployerCases, { ...options, destroy });
}

async function end({ deployer, dispose }: ModelDeployerSubject): Promise<void> {
  for (const { name } of await deployer.list()) await deployer.undeploy(name);
  await deployer.dispose?.();
  await dispose?.();
}
