import { createHash } from "node:crypto";
import type { Evaluation } from "./evaluation.js";
import { flatMetrics } from "./flat-metrics.js";
import type { Notebook, NotebookCell } from "./notebook-type.js";

export interface NotebookSource {
  readonly pipeline: string;
  /** The id of the step that evaluated. */
  readonly step: string;
}

/**
 * A notebook that finds the run by its evaluation and loads what that run made, for the kernel tslab (TypeScript on Node). It
 * holds no run's id, so that equal evaluations give equal notebooks.
 */
export function evaluationNotebook(evaluation: Evaluation, { pipeline, step }: NotebookSource): Notebook {
  const expected = JSON.stringify(flatMetrics(evaluation.metrics));
  const cells = [
    markdown(
      `# Evaluation of the pipeline ${pipeline}`,
      "",
      `${evaluation.rows} rows, ${evaluation.task} of \`${evaluation.label}\`.`,
      "Open it in the project's directory with the kernel tslab: `npm install -g tslab && tslab install`.",
    ),
    code(
      'import { Client } from "@tenon/core";',
      "",
      "const client = new Client();",
      `const expected = ${expected};`,
      "let run;",
      `for await (const one of client.pipeline(${JSON.stringify(pipeline)}).runs.list()) {`,
      `  const found = await one.step(${JSON.stringify(step)}).output("evaluation").artifact().catch(() => undefined);`,
      "  if (found && Object.entries(expected).every(([name, value]) => found.metadata[name] === value)) run ??= one;",
      "}",
      'if (!run) throw new Error("No run of the pipeline has this evaluation any more.");',
      "console.log(run.id, run.status);",
    ),
    markdown("## The evaluation"),
    code(
      `const evaluation: any = await run.step(${JSON.stringify(step)}).output("evaluation").load();`,
      "console.table(Object.fromEntries(Object.entries(evaluation.metrics).filter(([, value]) => typeof value === 'number')));",
    ),
    markdown("## The report"),
    code(
      'import { display } from "tslab";',
      `display.html(await run.step(${JSON.stringify(step)}).output("report").load());`,
    ),
    markdown("## Everything that the run has made"),
    code(
      "for (const { stepId, outputs } of await run.steps()) {",
      "  for (const [name, artifact] of Object.entries(outputs)) console.log(stepId, name, artifact);",
      "}",
    ),
    markdown("## Rows by themselves", "", "A model takes raw rows: change some and see what it says."),
    code(
      "const parts = (await run.steps()).flatMap(({ stepId, outputs }) => Object.keys(outputs).map((name) => [stepId, name]));",
      "const load = async (wanted) => {",
      "  const found = parts.find(([, name]) => name === wanted);",
      "  return found && run.step(found[0]).output(found[1]).load();",
      "};",
      'const [model, test]: any[] = [await load("model"), await load("test")];',
      "console.log(await model?.predict(test?.slice(0, 5) ?? []));",
      "await client.close();",
    ),
  ];
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: "tslab", display_name: "TypeScript", language: "typescript" },
      language_info: { name: "typescript", file_extension: ".ts", mimetype: "text/typescript" },
    },
    cells,
  };
}

function markdown(...lines: string[]): NotebookCell {
  return { cell_type: "markdown", id: idOf(lines), metadata: {}, source: sourceOf(lines) };
}

function code(...lines: string[]): NotebookCell {
  return {
    cell_type: "code",
    id: idOf(lines),
    metadata: {},
    source: sourceOf(lines),
    execution_count: null,
    outputs: [],
  };
}

function sourceOf(lines: readonly string[]): string[] {
  return lines.map((line, at) => (at < lines.length - 1 ? `${line}\n` : line));
}

/** Cells need ids of 1 to 64 letters, digits, - and _, each its own; equal notebooks shall be equal bytes. */
function idOf(lines: readonly string[]): string {
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 12);
}
