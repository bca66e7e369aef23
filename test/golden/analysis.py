"""Golden numbers of the analysis of predictions: scikit-learn on the same predictions, unrounded."""

import json
import pathlib

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn import metrics
from sklearn.base import BaseEstimator, RegressorMixin

random = np.random.default_rng(7)


def expected_calibration_error(hits, probabilities):
    """Guo et al. 2017, over ten bins of equal width, by the bins of calibration_curve."""
    bins = np.searchsorted(np.linspace(0, 1, 11)[1:-1], probabilities)
    distances = [
        np.sum(bins == b) / len(bins) * abs(np.mean(hits[bins == b]) - np.mean(probabilities[bins == b]))
        for b in np.unique(bins)
    ]
    return float(np.sum(distances))


def calibration(hits, probabilities):
    share, probability = calibration_curve(hits, probabilities, n_bins=10, strategy="uniform")
    return {
        "share": share.tolist(),
        "probability": probability.tolist(),
        "ece": expected_calibration_error(hits, probabilities),
    }


def binary():
    truth = random.integers(0, 2, 300)
    # Two decimals, so that scores are shared by rows of both classes.
    scores = np.round(np.clip(0.35 + 0.3 * truth + 0.25 * random.standard_normal(300), 0, 1), 2)
    fpr, tpr, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
    precision, recall, thresholds = metrics.precision_recall_curve(truth, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(np.argmax(f1[:-1]))
    enough = int(np.flatnonzero(recall[:-1] >= 0.9)[-1])
    return {
        "truth": truth.tolist(),
        "scores": scores.tolist(),
        "roc": [fpr.tolist(), tpr.tolist()],
        "roc_auc": metrics.roc_auc_score(truth, scores),
        "precision_recall": [recall[::-1].tolist(), precision[::-1].tolist()],
        "average_precision": metrics.average_precision_score(truth, scores),
        "brier": metrics.brier_score_loss(truth, scores),
        "best_f1": [thresholds[best], precision[best], recall[best], f1[best]],
        "recall_90": [thresholds[enough], precision[enough], recall[enough], f1[enough]],
        "calibration": calibration(truth, scores),
    }


def several():
    truth = random.integers(0, 4, 200)
    logits = random.standard_normal((200, 4)) + 1.5 * np.eye(4)[truth]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    return {
        "truth": truth.tolist(),
        "probabilities": probabilities.ravel().tolist(),
        "roc_auc": metrics.roc_auc_score(truth, probabilities, multi_class="ovr", average="macro"),
        "average_precision": metrics.average_precision_score(
            np.eye(4)[truth], probabilities, average=None
        ).tolist(),
        "brier": metrics.brier_score_loss(truth, probabilities),
        "calibration": calibration(predicted == truth, probabilities.max(axis=1)),
    }


def numbers():
    truth = 100 * random.standard_normal(101)
    predicted = truth + 5 + 20 * random.standard_normal(101)
    return {
        "truth": truth.tolist(),
        "predicted": predicted.tolist(),
        "bias": float(np.mean(predicted - truth)),
        "mean_absolute_error": metrics.mean_absolute_error(truth, predicted),
        "root_mean_squared_error": metrics.root_mean_squared_error(truth, predicted),
        "median_absolute_error": metrics.median_absolute_error(truth, predicted),
        "max_error": metrics.max_error(truth, predicted),
        "r2": metrics.r2_score(truth, predicted),
    }


class Sums(RegressorMixin, BaseEstimator):
    """Predicts a fixed function of the columns, and keeps what it was asked for."""

    def fit(self, x, y):
        self.asked_ = []
        return self

    def predict(self, x):
        self.asked_.append(x.copy())
        return 2 * x[:, 0] - 0.5 * x[:, 1] + x[:, 0] * x[:, 2]


def columns():
    # Sixteenths, which float32 holds exactly.
    x = random.integers(-32, 32, (60, 3)) / 16
    x[:, 2] = random.integers(0, 4, 60) / 4
    model = Sums().fit(x, None)
    y = model.predict(x) + random.integers(-8, 8, 60) / 16
    rows = x + 1000 * np.arange(60)[:, None]
    tracing = Sums().fit(x, None)
    options = {"scoring": "neg_mean_absolute_error", "n_repeats": 5, "random_state": 3}
    permutation_importance(tracing, rows, y, **options)
    # The first call is the baseline; then come five shuffles of each column.
    orders = [
        [[int(np.flatnonzero(rows[:, c] == value)[0]) for value in tracing.asked_[1 + 5 * c + r][:, c]] for r in range(5)]
        for c in range(3)
    ]
    importance = permutation_importance(model, x, y, **options)
    dependence = partial_dependence(model, x, [2], kind="average")
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "orders": orders,
        "mean": importance.importances_mean.tolist(),
        "deviation": importance.importances_std.tolist(),
        "grid": dependence["grid_values"][0].tolist(),
        "dependence": dependence["average"][0].tolist(),
    }


def labels():
    truth = (random.random((150, 4)) < [0.5, 0.2, 0.7, 0.1]).astype(int)
    # Two decimals, so that scores are shared, some at the threshold; the last label is hardly ever found.
    scores = np.round(np.clip(0.3 + 0.35 * truth + 0.25 * random.standard_normal((150, 4)) - [0, 0, 0, 0.3], 0, 1), 2)
    found = scores > 0.5

    def averaged(average):
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            truth, found, average=average, zero_division=0
        )
        areas = [
            metrics.roc_auc_score(truth, scores, average=average),
            metrics.average_precision_score(truth, scores, average=average),
        ]
        return [np.asarray(value).tolist() for value in [precision, recall, f1, *areas]]

    return {
        "truth": truth.ravel().tolist(),
        "scores": scores.ravel().tolist(),
        "support": truth.sum(axis=0).tolist(),
        "each": averaged(None),
        "micro": averaged("micro"),
        "macro": averaged("macro"),
        "brier": metrics.brier_score_loss(truth.ravel(), scores.ravel()),
        "calibration": calibration(truth.ravel(), scores.ravel()),
    }


golden = {"binary": binary(), "several": several(), "numbers": numbers(), "columns": columns()}
golden["labels"] = labels()
text = ",\n".join(f"{json.dumps(name)}:{json.dumps(case, separators=(',', ':'))}" for name, case in golden.items())
pathlib.Path(__file__).with_suffix(".json").write_text("{\n" + text + "\n}\n")
