import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { StepSource } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import { bindingOf } from "./binding.js";
import { importModule } from "./load-module.js";
import { nearest } from "./nearest.js";
import { realFile, stepsMadeIn } from "./source.js";
import { isStep, type StepDefinition } from "./step.js";

/**
 * The step that a plan names, imported from its module.
 *
 * @param source as in a plan @param projectRoot what the module's path is relative to
 * @throws `STEP_NOT_FOUND_AGAIN`, `STEP_SOURCE_INVALID`
 */
export async function findStep(
  source: StepSource & { readonly name: string },
  projectRoot: string,
): Promise<StepDefinition> {
  const { name, module, binding } = source;
  const doing = `looking for step '${name}'${module ? ` in ${module}` : ""}`;
  if (!module || !binding) {
    throw new TenonError("STEP_NOT_FOUND_AGAIN", {
      doing,
      found: module ? "it was made inside a function" : "no module holds it",
      fix: "Make the step at the top level of a module: const fit = step(…).",
    });
  }
  const file = moduleFile(module, projectRoot, doing);
  const namespace = await importModule(file);
  const exported = Object.hasOwn(namespace, binding) ? namespace[binding] : undefined;
  if (isStep(exported) && exported.name === name) return exported;
  const made = [...new Set([file, realFile(file)])].flatMap((path) => stepsMadeIn(path));
  const same = made.filter((step) => step.name === name);
  if (same.length === 1) return same[0] as StepDefinition;
  if (same.length > 1) {
    for (const step of same) if ((await bindingOf(step))?.binding === binding) return step;
  }
  const names = [...new Set(made.map((step) => step.name))];
  throw new TenonError("STEP_NOT_FOUND_AGAIN", {
    doing,
    found:
      same.length > 1
        ? `the module makes several steps of that name, and none is known to be '${binding}'`
        : `the module makes ${names.length > 0 ? `the steps ${names.join(", ")}` : "no steps"}`,
    ...nearest(
      name,
      names.filter((other) => other !== name),
    ),
  });
}

function moduleFile(module: string, projectRoot: string, doing: string): string {
  const local = resolve(projectRoot, module);
  if (existsSync(local)) return local;
  const [, packageName, inside] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(module) ?? [];
  if (packageName && !packageName.startsWith(".")) {
    for (let directory = resolve(projectRoot); ; directory = dirname(directory)) {
      const file = join(directory, "node_modules", packageName, inside ?? "");
      if (inside && existsSync(file)) return file;
      if (directory === dirname(directory)) break;
    }
    try {
      return createRequire(join(projectRoot, "package.json")).resolve(module);
    } catch {}
  }
  throw new TenonError("STEP_NOT_FOUND_AGAIN", {
    doing,
    found: `there is no file ${local}`,
    fix: "Run it where the project's code is, or compile the pipeline again.",
  });
}
