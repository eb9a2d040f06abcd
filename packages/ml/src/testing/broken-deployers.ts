import { TenonError } from "@tenon/core";
import type { Deployment, DeploymentRequest, ModelDeployer } from "../deployment/model-deployer.js";
import type { ModelDeployerSubject } from "./model-deployer.js";

const unknown = (code: "MODEL_UNKNOWN" | "DEPLOYMENT_UNKNOWN", name: string) =>
  new TenonError(code, { doing: `looking for '${name}'`, found: "there is none" });

/** Only remembers what it is asked to serve. */
export class RememberingDeployer implements ModelDeployer {
  protected readonly deployments = new Map<string, Deployment>();

  async deploy({ model, version = "1", name = model }: DeploymentRequest): Promise<Deployment> {
    if (model !== "birds" || version !== "1") throw unknown("MODEL_UNKNOWN", model);
    const deployment = { name, model, version, status: "serving" as const, url: "http://127.0.0.1:8501" };
    this.deployments.set(name, deployment);
    return deployment;
  }

  async list(): Promise<readonly Deployment[]> {
    return [...this.deployments.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async undeploy(name: string): Promise<void> {
    if (!this.deployments.delete(name)) throw unknown("DEPLOYMENT_UNKNOWN", name);
  }
}

class Nameless extends RememberingDeployer {
  override async deploy(request: DeploymentRequest): Promise<Deployment> {
    return { ...(await super.deploy(request)), url: "here" };
  }
}
class Unsorted extends RememberingDeployer {
  override async list(): Promise<readonly Deployment[]> {
    return [...this.deployments.values()];
  }
}
class Hoarding extends RememberingDeployer {
  #made = 0;
  override async deploy(request: DeploymentRequest): Promise<Deployment> {
    this.#made += 1;
    return await super.deploy({ ...request, name: `${request.name ?? request.model}-${this.#made}` });
  }
  override async undeploy(): Promise<void> {}
}
class Trusting extends RememberingDeployer {
  override async deploy(request: DeploymentRequest): Promise<Deployment> {
    return await super.deploy({ ...request, model: "birds", version: "1" });
  }
}
class Hasty extends RememberingDeployer {
  override async deploy(request: DeploymentRequest): Promise<Deployment> {
    this.deployments.delete(request.name ?? request.model);
    return await super.deploy(request);
  }
}

const request = { model: "birds", version: "1" };
export const soundDeployer = (): ModelDeployerSubject => ({ deployer: new RememberingDeployer(), request });

/** Each breaks a promise of the kit. */
export const brokenDeployersOfModels: Readonly<Record<string, () => ModelDeployerSubject>> = {
  "gives no URL": () => ({ deployer: new Nameless(), request }),
  "lists as it comes": () => ({ deployer: new Unsorted(), request }),
  "keeps what was replaced or ended": () => ({ deployer: new Hoarding(), request }),
  "ends what is there before it looks at the request": () => ({ deployer: new Hasty(), request }),
  "takes any model": () => ({ deployer: new Trusting(), request }),
};
