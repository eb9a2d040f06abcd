import { suggest, TenonError } from "@tenon/core";
import { type ClassPredictions, mostProbable, type Predictions } from "../training/predictions.js";
import type { TrainedModel } from "../training/trained-model.js";
import type { Comparison, Metrics } from "./evaluation.js";
import { flatMetrics } from "./flat-metrics.js";
import { judge } from "./metrics-of.js";
import type { Truth } from "./truth.js";

/** Whether less is better: true of errors and losses. */
export function lessIsBetter(metric: string): boolean {
  return /error$|loss$|^brierScore$/i.test(metric);
}

/** A bias is the better the nearer it is to 0, from either side. */
function isAsGood(metric: string, own: number, theirs: number): boolean {
  if (metric === "bias") return Math.abs(own) <= Math.abs(theirs);
  return lessIsBetter(metric) ? own <= theirs : own >= theirs;
}

/** One number of the metrics. @throws `EVALUATION_INVALID` if there is none of that name */
export function metricNamed(metrics: Metrics, name: string): number {
  const known = flatMetrics(metrics);
  const value = Object.hasOwn(known, name) ? known[name] : undefined;
  if (typeof value === "number") return value;
  throw new TenonError("EVALUATION_INVALID", {
    doing: `judging a model by its '${name}'`,
    found: value === null ? "these rows do not tell it" : `what is known is ${Object.keys(known).join(", ")}`,
    fix: suggest(name, Object.keys(known), "Name another metric.") as string,
  });
}

/**
 * The model in production on the same rows; a text that says why they cannot be compared.
 *
 * @param metric by which the two are judged
 */
export async function compareWith(
  production: TrainedModel,
  candidate: { readonly model: TrainedModel; readonly predictions: Predictions; readonly metrics: Metrics },
  { rows, labels }: Truth,
  metric: string,
  options: { readonly signal?: AbortSignal },
): Promise<Comparison | string> {
  const { model, predictions, metrics } = candidate;
  if (production.task !== model.task || production.label !== model.label) {
    return `The model in production predicts '${production.label}' by ${production.task}, this one '${model.label}' by ${model.task}.`;
  }
  const found = await production.predict(rows, options).catch((error: unknown) => {
    if (TenonError.is(error)) return `The model in production does not take these rows. ${error.message}`;
    throw error;
  });
  if (typeof found === "string") return found;
  const other = found.task === "classification" ? aligned(found, model.classes) : found;
  const judged = judge(other, labels).metrics;
  const [own, theirs] = [metricNamed(metrics, metric), flatMetrics(judged)[metric]];
  if (typeof theirs !== "number") return `These rows do not tell the ${metric} of the model in production.`;
  return {
    metric,
    candidate: own,
    production: theirs,
    better: isAsGood(metric, own, theirs),
    metrics: judged,
    ...(other.task === "classification" &&
      predictions.task === "classification" && { differing: differences(other, predictions) }),
  };
}

/** Probabilities in the order of other classes; classes that only these predictions know come last. */
function aligned(predictions: ClassPredictions, order: readonly string[]): ClassPredictions {
  const { classes, probabilities } = predictions;
  const all = [...order, ...classes.filter((name) => !order.includes(name))];
  const places = all.map((name) => classes.indexOf(name));
  const rows = probabilities.length / classes.length;
  const moved = new Float64Array(rows * all.length);
  for (let row = 0; row < rows; row++) {
    for (const [at, place] of places.entries()) {
      if (place >= 0) moved[row * all.length + at] = probabilities[row * classes.length + place] as number;
    }
  }
  return { task: "classification", classes: all, probabilities: moved };
}

function differences(one: ClassPredictions, other: ClassPredictions): number {
  const [left, right] = [mostProbable(one), mostProbable(other)];
  return left.reduce(
    (count, place, row) => count + (one.classes[place] === other.classes[right[row] as number] ? 0 : 1),
    0,
  );
}
