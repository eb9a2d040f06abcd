import { type ArtifactType, artifactType } from "@tenon/core";

/** A Jupyter notebook, format 4.5. @see https://nbformat.readthedocs.io/en/latest/format_description.html */
export interface Notebook {
  readonly nbformat: 4;
  readonly nbformat_minor: 5;
  readonly metadata: {
    readonly kernelspec: { readonly name: string; readonly display_name: string; readonly language: string };
    readonly language_info: { readonly name: string; readonly file_extension: string; readonly mimetype: string };
  };
  readonly cells: readonly NotebookCell[];
}

export type NotebookCell =
  | {
      readonly cell_type: "markdown";
      readonly id: string;
      readonly metadata: Record<string, never>;
      readonly source: readonly string[];
    }
  | {
      readonly cell_type: "code";
      readonly id: string;
      readonly metadata: Record<string, never>;
      readonly source: readonly string[];
      readonly execution_count: null;
      readonly outputs: readonly never[];
    };

/** Stored as one file, `evaluation.ipynb`. */
export const notebook: ArtifactType<Notebook> = artifactType("ml/Notebook");
