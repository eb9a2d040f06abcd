import type { Command } from "commander";
import { addCommand, option } from "../command.js";

export interface DeployOptions {
  readonly name?: string;
  readonly port?: string;
  readonly host?: string;
  readonly foreground?: boolean;
}

export function addDeploymentCommands(model: Command): void {
  addCommand<DeployOptions>(model, {
    usage: "deploy <model>",
    aliases: ["serve"],
    summary: "Serve a version of a model over HTTP",
    details:
      "`name@3` is version 3. `name@production` and `name@staging` follow the stage, and `name` the latest version: the next version that comes there is taken up. Without a modelDeployer in the stack the one of @tenon/ml is used: a process on this machine, which only this machine can ask.",
    examples: [
      "tenon model deploy churn@production",
      "tenon model deploy churn@3 --port 8501",
      "tenon model deploy churn@production --foreground",
    ],
    options: [
      option("--name <name>", "the name of the deployment; by default the model's"),
      option("--port <port>", "the port to listen on; by default any that is free"),
      option("--host <address>", "the address to listen on; by default 127.0.0.1"),
      option("--foreground", "serve in this process, until it is told to end"),
    ],
    json: true,
    stack: true,
    run: async (invocation, name) => (await import("./deployment-actions.js")).deployModel(invocation, name ?? ""),
  });

  addCommand(model, {
    usage: "deployments",
    aliases: ["served"],
    summary: "List what is served",
    examples: ["tenon model deployments", "tenon model deployments --json"],
    json: true,
    stack: true,
    run: async (invocation) => (await import("./deployment-actions.js")).listDeployments(invocation),
  });

  addCommand(model, {
    usage: "undeploy <deployment>",
    aliases: ["stop"],
    summary: "End a deployment, once the requests are answered that it has taken",
    examples: ["tenon model undeploy churn"],
    stack: true,
    run: async (invocation, name) => (await import("./deployment-actions.js")).undeployModel(invocation, name ?? ""),
  });
}
