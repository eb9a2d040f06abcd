import { type ArtifactType, type ComponentKind, componentKind, json } from "@tenon/core";

/** What is to be served. */
export interface DeploymentRequest {
  /** The name of the model. */
  readonly model: string;
  /** A version, or the stage whose version is served, the next one that comes into it included. By default the latest. */
  readonly version?: string;
  readonly stage?: "staging" | "production";
  /** The name of the deployment; by default the model's. Deploying under a name that is taken replaces what is there. */
  readonly name?: string;
}

/** A model that is served. Plain data. */
export interface Deployment {
  readonly name: string;
  readonly model: string;
  /** The version that answers now. */
  readonly version: string;
  /** There if it follows a stage. */
  readonly stage?: string;
  readonly status: "serving" | "stopped";
  /** The root of its HTTP interface. */
  readonly url: string;
}

/** Serves versions of models. Each stack can have one. */
export interface ModelDeployer {
  /**
   * Resolves once the version answers requests.
   *
   * @throws `MODEL_UNKNOWN`, `MODEL_STAGE_UNKNOWN`, `MODEL_NOT_SERVABLE`, `DEPLOYMENT_FAILED`
   */
  deploy(request: DeploymentRequest): Promise<Deployment>;
  /** In the order of their names. */
  list(): Promise<readonly Deployment[]>;
  /** Ends it once the requests are answered that it has taken. @throws `DEPLOYMENT_UNKNOWN` */
  undeploy(name: string): Promise<void>;
  /** Serves in this process, until that is told to end by SIGTERM or SIGINT; not every deployer can. */
  serve?(request: DeploymentRequest): Promise<void>;
  dispose?(): Promise<void> | void;
}

/** The kind of component that serves models. */
export const modelDeployer: ComponentKind<ModelDeployer> = componentKind<ModelDeployer>("modelDeployer");

/** What a step that deploys gives: JSON, with a type. */
export const deployment = json as unknown as ArtifactType<Deployment>;
