/**
 * A record of a TensorBoard event file.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto
 */
export type Event = {
  /** Seconds since 1970. */
  readonly wallTime: number;
  /** The step of the training, 0 where none was said. */
  readonly step: number;
} & EventContent;

export type EventContent =
  /** The first record of each file: `brain.Event:2`, and who wrote it. */
  | { readonly kind: "fileVersion"; readonly version: string; readonly writer?: string }
  | { readonly kind: "summary"; readonly values: readonly SummaryValue[] }
  /** A graph, a log message, the metadata of a session: not decoded. */
  | { readonly kind: "other" };

/** What was recorded under a tag: a number (float32), how numbers are spread, texts (Markdown), or something not decoded. */
export type SummaryValue = { readonly tag: string } & (
  | { readonly kind: "scalar"; readonly value: number }
  | { readonly kind: "histogram"; readonly buckets: readonly HistogramBucket[] }
  | { readonly kind: "text"; readonly texts: readonly string[] }
  | { readonly kind: "other"; readonly plugin: string }
);

/** How many numbers lie from `left` up to, but without, `right`; in the last bucket with it. */
export interface HistogramBucket {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** The plugin of TensorBoard that shows a kind of value. */
export const plugins = { scalar: "scalars", histogram: "histograms", text: "text" } as const;

export const fileVersion = "brain.Event:2";
