import { Client } from "@tenon/core";
import type { DeploymentRequest } from "./model-deployer.js";
import { ModelServer, type ModelServerOptions } from "./model-server.js";
import { loadServed, meantVersion, trainedModelsOf } from "./served-model.js";

export interface ServeOptions extends ModelServerOptions {
  readonly request: DeploymentRequest;
  /** Where the project is. */
  readonly directory: string;
  /** A stack of `tenon.yaml`; by default the active one. */
  readonly stack?: string;
  /** Milliseconds between looks at the stage that is followed; by default 5,000. */
  readonly lookEvery?: number;
  /** Told of what happens, for a log. */
  onEvent?(event: string): void;
}

export interface Serving {
  readonly url: string;
  readonly version: string;
  /** Looks now whether another version is meant, and takes it. */
  reload(): Promise<void>;
  /** Resolves once the requests that it has are answered. */
  close(): Promise<void>;
}

/**
 * Serves a version of a model in this process. One that follows a stage (or the latest version) takes up the next version that comes into it;
 * if that cannot be loaded, the former one goes on.
 *
 * @throws `MODEL_UNKNOWN`, `MODEL_STAGE_UNKNOWN`, `MODEL_NOT_SERVABLE`, `DEPLOYMENT_FAILED`
 */
export async function serveModel(options: ServeOptions): Promise<Serving> {
  const { request, directory, stack, lookEvery = 5000, onEvent = () => {} } = options;
  const client = new Client({ directory, ...(stack !== undefined && { stack }) });
  let server: ModelServer | undefined;
  try {
    server = new ModelServer(await loadServed(client, await meantVersion(client, request)), options);
    await server.listen();
  } catch (error) {
    await server?.drain();
    await client.close();
    throw error;
  }
  onEvent(`version ${server.served.version} of the model '${request.model}' answers at ${server.url}`);

  let refused: string | undefined;
  const look = async () => {
    const meant = await meantVersion(client, request);
    const { version } = meant;
    if (version === server.served.version) return;
    // The version of a run that goes on has no trained model yet, and is looked at again once it has one.
    const found = JSON.stringify([version, (await trainedModelsOf(client, meant)).map(({ id }) => id)]);
    if (found === refused) return;
    try {
      server.replace(await loadServed(client, meant));
      refused = undefined;
      onEvent(`version ${version} of the model '${request.model}' has taken over`);
    } catch (error) {
      refused = found;
      throw error;
    }
  };
  let looking: Promise<void> | undefined;
  const reload = () => {
    looking ??= look()
      .catch((error: unknown) => {
        server.metrics.failedReloads += 1;
        options.onError?.(error);
      })
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  const follows = request.version === undefined;
  const timer = follows ? setInterval(() => void reload(), lookEvery) : undefined;
  return {
    url: server.url,
    get version() {
      return server.served.version;
    },
    async reload() {
      refused = undefined;
      await reload();
    },
    async close() {
      clearInterval(timer);
      await server.drain();
      await looking;
      await client.close();
      onEvent("every request is answered; it has ended");
    },
  };
}
