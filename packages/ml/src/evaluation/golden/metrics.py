"""Writes metrics.json beside itself: metrics as scikit-learn computes them. Run with Debian's python3-sklearn (1.2.1)."""
import json
import math
import os
import warnings

import numpy as np
import sklearn
import sklearn.calibration
import sklearn.metrics as m

warnings.filterwarnings("ignore")


def number(value):
    value = float(value)
    return None if math.isnan(value) else value


def numbers(values):
    return [number(value) for value in values]


def regression(truth, predicted):
    truth, predicted = np.array(truth, dtype=float), np.array(predicted, dtype=float)
    return {
        "truth": numbers(truth),
        "predicted": numbers(predicted),
        "metrics": {
            "meanAbsoluteError": number(m.mean_absolute_error(truth, predicted)),
            "meanSquaredError": number(m.mean_squared_error(truth, predicted)),
            "rootMeanSquaredError": number(m.mean_squared_error(truth, predicted, squared=False)),
            "medianAbsoluteError": number(m.median_absolute_error(truth, predicted)),
            "maximumError": number(m.max_error(truth, predicted)),
            "meanAbsolutePercentageError": number(m.mean_absolute_percentage_error(truth, predicted)),
            "r2": number(m.r2_score(truth, predicted)),
            "explainedVariance": number(m.explained_variance_score(truth, predicted)),
        },
    }


def averages(truth, predicted, labels, average):
    precision, recall, f1, _ = m.precision_recall_fscore_support(
        truth, predicted, labels=labels, average=average, zero_division=0
    )
    return {"precision": number(precision), "recall": number(recall), "f1": number(f1)}


def labels(truth, predicted, classes):
    # scikit-learn averages over the labels that it finds.
    found = [name for name in classes if name in truth or name in predicted]
    precision, recall, f1, support = m.precision_recall_fscore_support(
        truth, predicted, labels=classes, average=None, zero_division=0
    )
    return {
        "classes": classes,
        "truth": truth,
        "predicted": predicted,
        "confusion": m.confusion_matrix(truth, predicted, labels=classes).tolist(),
        "metrics": {
            "accuracy": number(m.accuracy_score(truth, predicted)),
            "balancedAccuracy": number(m.balanced_accuracy_score(truth, predicted)),
            "macro": averages(truth, predicted, found, "macro"),
            "weighted": averages(truth, predicted, found, "weighted"),
            "matthewsCorrelation": number(m.matthews_corrcoef(truth, predicted)),
            "cohensKappa": number(m.cohen_kappa_score(truth, predicted)),
            "perClass": {
                name: {
                    "precision": number(precision[at]),
                    "recall": number(recall[at]),
                    "f1": number(f1[at]),
                    "support": int(support[at]),
                }
                for at, name in enumerate(classes)
            },
        },
    }


def scores(positive, score):
    positive, score = np.array(positive), np.array(score, dtype=float)
    false_positive_rate, true_positive_rate, thresholds = m.roc_curve(positive, score)
    precision, recall, cuts = m.precision_recall_curve(positive, score)
    observed, predicted = sklearn.calibration.calibration_curve(positive, score, n_bins=10, strategy="uniform")
    return {
        "positive": positive.tolist(),
        "score": numbers(score),
        "roc": {
            "falsePositiveRate": numbers(false_positive_rate),
            "truePositiveRate": numbers(true_positive_rate),
            "thresholds": [None, *numbers(thresholds[1:])],
            "areaUnderCurve": number(m.roc_auc_score(positive, score)),
        },
        "precisionRecall": {
            "precision": numbers(precision),
            "recall": numbers(recall),
            "thresholds": numbers(cuts),
            "averagePrecision": number(m.average_precision_score(positive, score)),
        },
        "calibration": {"predicted": numbers(predicted), "observed": numbers(observed)},
        "brierScore": number(m.brier_score_loss(positive, score)),
        "logLoss": number(m.log_loss(positive, np.column_stack([1 - score, score]), labels=[0, 1])),
    }


def probabilities(truth, rows):
    width = len(rows[0])
    rows = np.array(rows, dtype=float)
    return {
        "truth": truth,
        "probabilities": rows.tolist(),
        "logLoss": number(m.log_loss(truth, rows, labels=list(range(width)))),
        "rocMacro": number(m.roc_auc_score(truth, rows, multi_class="ovr", average="macro", labels=list(range(width)))),
        "rocWeighted": number(
            m.roc_auc_score(truth, rows, multi_class="ovr", average="weighted", labels=list(range(width)))
        ),
        "top2": number(m.top_k_accuracy_score(truth, rows, k=2, labels=list(range(width)))),
    }


random = np.random.default_rng(7)
many = random.normal(50, 12, 200).round(3)
noisy = (many + random.normal(1, 4, 200)).round(3)
softmax = np.exp(random.normal(0, 1, (120, 3)).round(2))
softmax = (softmax / softmax.sum(axis=1, keepdims=True)).round(4)
softmax[:, 2] = (1 - softmax[:, 0] - softmax[:, 1]).round(4)
lean = [int(random.choice(3, p=row / row.sum())) for row in softmax]
binary = random.random(150).round(2)
happened = [int(random.random() < p) for p in binary]

result = {
    "scikitLearn": sklearn.__version__,
    "regression": {
        "many rows": regression(many, noisy),
        "all right": regression([1, 2, 3], [1, 2, 3]),
        "a constant truth, all right": regression([4, 4, 4], [4, 4, 4]),
        "a constant truth, some wrong": regression([4, 4, 4], [4, 5, 4]),
        "a truth of 0": regression([0, 1, -2], [0.5, 1, -1]),
        "worse than the mean": regression([1, 2, 3], [3, 2, 1]),
        "a constant error": regression([1, 2, 3, 4], [2, 3, 4, 5]),
        "ties in the errors": regression([1, 1, 2, 2], [2, 0, 3, 1]),
    },
    "labels": {
        "three classes": labels(list("aabbbccca"), list("abbbccaca"), list("abc")),
        "a class that is never predicted": labels(list("aabbc"), list("aabbb"), list("abc")),
        "a class that never occurs": labels(list("aabb"), list("abcb"), list("abc")),
        "a class that is nowhere": labels(list("aabb"), list("abab"), list("abc")),
        "always the same guess": labels(list("aabb"), list("aaaa"), list("ab")),
        "all wrong": labels(list("ab"), list("ba"), list("ab")),
        "all right": labels(list("abcab"), list("abcab"), list("abc")),
    },
    "scores": {
        "many rows with ties": scores(happened, binary),
        "all scores equal": scores([0, 1, 1, 0], [0.5, 0.5, 0.5, 0.5]),
        "perfect": scores([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]),
        "the wrong way round": scores([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9]),
        "on the edges of bins": scores([0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1], [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]),
        "certain and wrong": scores([1, 0, 1], [0, 1, 1]),
    },
    "probabilities": {
        "many rows": probabilities(lean, softmax),
        "ties": probabilities(
            [0, 1, 2, 2], [[0.4, 0.4, 0.2], [0.4, 0.4, 0.2], [0.3, 0.3, 0.4], [0.5, 0.25, 0.25]]
        ),
        "certain and wrong": probabilities([0, 1, 2], [[0, 1, 0], [0, 1, 0], [0, 0, 1]]),
    },
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics.json"), "w") as file:
    json.dump(result, file, indent=1)
    file.write("\n")
