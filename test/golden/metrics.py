"""Golden values of every metric over uneven batches, made by Keras 3.15 on TensorFlow: python metrics.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np

# Of the data, which cases share; each has a generator of its own, so that a new one changes no other.
random = golden.random
ROWS, BATCHES = 17, [7, 1, 9]


def softmax(x):
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


NUMBERS = random("numbers").normal(size=(2, ROWS, 3)) + 2
COLUMN = (random("column").normal(size=(ROWS, 1)) * 3, random("predicted column").normal(size=(ROWS, 1)))
CLOSE = (NUMBERS[0], NUMBERS[0] + 0.2 * random("close").normal(size=(ROWS, 3)))
POSITIVE = (np.abs(NUMBERS[0]), np.abs(NUMBERS[1]))
SHARES = (softmax(NUMBERS[0]), softmax(NUMBERS[1]))
YES = (random("label").integers(0, 2, (ROWS, 1)), random("probability").random((ROWS, 1)).round(2))
YES[1][:4, 0] = [0, 1, 0.5, 0.25]
LABELS = (random("labels").integers(0, 2, (ROWS, 4)), random("probabilities").random((ROWS, 4)).round(1))
LOGITS = (LABELS[0], random("logits").normal(size=(ROWS, 4)) * 3)
CLASSES = random("classes").integers(0, 6, ROWS)
ONE_HOT = np.eye(6)[CLASSES]
PROBABILITIES = softmax(random("class probabilities").normal(size=(ROWS, 6)) * 1.5 + ONE_HOT)
TIED = np.round(PROBABILITIES, 1)
STEPS = (random("steps").integers(0, 4, (ROWS, 3)), softmax(random("step probabilities").normal(size=(ROWS, 3, 4))))

class R2Score(keras.metrics.R2Score):
    """Adjusted by the number of rows of a weight other than 0, as in Keras 3.16; 3.15 counts every unit of every row."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        before = int(self.num_samples)
        super().update_state(y_true, y_pred, sample_weight)
        rows = len(y_true) if sample_weight is None else np.count_nonzero(sample_weight)
        self.num_samples.assign(before + rows)


VARIANTS = {
    "auc": ("AUC", [
        *[({"curve": curve, "summation_method": method}, YES) for curve in ("ROC", "PR", "PRGAIN") for method in ("interpolation", "majoring", "minoring")],
        ({}, LABELS), ({"from_logits": True}, LOGITS), ({"num_thresholds": 5}, YES), ({"thresholds": [0.7, 0.2, 0.3]}, YES), ({}, (ONE_HOT, PROBABILITIES)),
    ]),
    "binary_accuracy": ("BinaryAccuracy", [({}, YES), ({}, LABELS), ({"threshold": 0.3}, LABELS)]),
    "categorical_accuracy": ("CategoricalAccuracy", [({}, (ONE_HOT, PROBABILITIES)), ({}, (ONE_HOT, TIED))]),
    "cosine_similarity": ("CosineSimilarity", [({}, NUMBERS)]),
    "f1_score": ("F1Score", [
        *[({"average": average, "threshold": threshold}, given) for average in ("micro", "macro", "weighted") for threshold, given in ((None, (ONE_HOT, PROBABILITIES)), (None, (ONE_HOT, TIED)), (0.4, LABELS))],
        ({"average": "macro", "threshold": 0.5}, YES),
    ]),
    "precision": ("Precision", [
        ({}, YES), ({}, LABELS), ({"thresholds": 0.25}, LABELS), ({"class_id": 2}, LABELS), ({"top_k": 2}, LABELS),
        ({"top_k": 2, "class_id": 1}, LABELS), ({"top_k": 3, "thresholds": 0.6}, LABELS), ({}, (ONE_HOT, PROBABILITIES)), ({}, (np.zeros((ROWS, 1)), YES[1] * 0)),
    ]),
    "r2_score": ("R2Score", [
        ({}, CLOSE), ({}, COLUMN), ({"class_aggregation": "variance_weighted_average"}, CLOSE), ({"num_regressors": 4}, COLUMN), ({"num_regressors": 100}, COLUMN),
        ({"num_regressors": 4}, CLOSE),
    ]),
    "recall": ("Recall", [
        ({}, YES), ({}, LABELS), ({"thresholds": 0.25}, LABELS), ({"class_id": 2}, LABELS), ({"top_k": 2}, LABELS), ({"top_k": 3, "thresholds": 0.6}, LABELS),
    ]),
    "root_mean_squared_error": ("RootMeanSquaredError", [({}, NUMBERS), ({}, COLUMN)]),
    "sparse_categorical_accuracy": ("SparseCategoricalAccuracy", [({}, (CLASSES, PROBABILITIES)), ({}, STEPS)]),
    "sparse_top_k_categorical_accuracy": ("SparseTopKCategoricalAccuracy", [({}, (CLASSES, PROBABILITIES)), ({"k": 2}, (CLASSES, TIED)), ({"k": 2}, STEPS)]),
    "top_k_categorical_accuracy": ("TopKCategoricalAccuracy", [({}, (ONE_HOT, PROBABILITIES)), ({"k": 2}, (ONE_HOT, TIED))]),
    "binary_crossentropy": ("BinaryCrossentropy", [({}, YES), ({"label_smoothing": 0.2}, LABELS), ({"from_logits": True}, LOGITS)]),
    "categorical_crossentropy": ("CategoricalCrossentropy", [({}, (ONE_HOT, PROBABILITIES))]),
    "categorical_hinge": ("CategoricalHinge", [({}, (ONE_HOT, PROBABILITIES))]),
    "hinge": ("Hinge", [({}, (LABELS[0] * 2 - 1, LOGITS[1]))]),
    "kl_divergence": ("KLDivergence", [({}, SHARES)]),
    "log_cosh": ("LogCoshError", [({}, NUMBERS)]),
    "mean_absolute_error": ("MeanAbsoluteError", [({}, NUMBERS)]),
    "mean_absolute_percentage_error": ("MeanAbsolutePercentageError", [({}, POSITIVE)]),
    "mean_squared_error": ("MeanSquaredError", [({}, NUMBERS)]),
    "mean_squared_logarithmic_error": ("MeanSquaredLogarithmicError", [({}, POSITIVE)]),
    "poisson": ("Poisson", [({}, POSITIVE)]),
    "sparse_categorical_crossentropy": ("SparseCategoricalCrossentropy", [({}, (CLASSES, PROBABILITIES)), ({}, STEPS)]),
    "squared_hinge": ("SquaredHinge", [({}, (LABELS[0] * 2 - 1, LOGITS[1]))]),
}

# What nnlab leaves out: one value a metric, along the last axis.
LEFT_OUT = {"dtype", "multi_label", "num_labels", "label_weights", "from_sorted_ids", "axis", "ignore_class"}
DIFFERENT = {"f1_score": {"average": "macro"}}

cases, defaults = [], {}
for type_name, (name, variants) in VARIANTS.items():
    metric_class = golden.reference(keras.metrics, name)
    if not golden.lacks(name):
        kept = {k: v for k, v in golden.defaults(metric_class).items() if k not in LEFT_OUT}
        defaults[type_name] = {**kept, **DIFFERENT.get(type_name, {})}
    if type_name == "r2_score":
        metric_class = R2Score
    for options, (target, prediction) in variants:
        values = {}
        for weighted in (False, True):
            metric = metric_class(**options)
            weights = (np.arange(ROWS) % 4 / 2).astype("float32")
            start = 0
            for size in BATCHES:
                rows = slice(start, start + size)
                y, x = target[rows].astype("float32"), prediction[rows].astype("float32")
                metric.update_state(y, x, sample_weight=weights[rows] if weighted else None)
                start += size
            values["weighted" if weighted else "plain"] = float(metric.result())
        case = {"type": type_name, "options": options, "target": golden.flat(np.array(target, "float32"))}
        cases.append({**case, "x": golden.flat(np.array(prediction, "float32")), **values})

golden.write(__file__, {"keras": keras.__version__, "defaults": defaults, "batches": BATCHES, "cases": cases})
