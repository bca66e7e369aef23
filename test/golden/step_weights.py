"""
Golden figures of targets whose every step has a weight, made by Keras 3.15 on TensorFlow from fit and evaluate with
`sample_weight` of the shape [rows, steps]: python step_weights.py
"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np

BATCH = 4
STEPS = 3
SPLITS = {"train": slice(0, 8), "validation": slice(8, 14), "test": slice(14, 19)}
ROWS = 19
CLASSES = 3

draw = golden.random("step_weights")
x = draw.normal(size=(ROWS, STEPS, 2)).round(2).astype("float32")
# Steps of zeros at the end of some rows, which a mask leaves out.
for row in range(0, ROWS, 3):
    x[row, STEPS - 1 - row % 2 :] = 0
labels = draw.integers(0, CLASSES, (ROWS, STEPS))
weights = draw.choice([0, 0.25, 1, 3], (ROWS, STEPS)).astype("float32")

CASES = [
    {"name": "labels", "loss": "sparse_categorical_crossentropy"},
    {"name": "labels, masked", "loss": "sparse_categorical_crossentropy", "masked": True},
    {"name": "labels, class weights", "loss": "sparse_categorical_crossentropy", "class_weight": [0.5, 2, 1]},
    {"name": "labels, class weights, masked", "loss": "sparse_categorical_crossentropy", "class_weight": [0.5, 2, 1],
     "masked": True},
    {"name": "labels, class weights alone", "loss": "sparse_categorical_crossentropy", "class_weight": [0.5, 2, 1],
     "weigh": "nothing"},
    {"name": "labels, class weights and weights of rows", "loss": "sparse_categorical_crossentropy",
     "class_weight": [0.5, 2, 1], "weigh": "rows"},
    {"name": "one-hot", "loss": "categorical_crossentropy"},
    {"name": "yes or no, masked", "loss": "binary_crossentropy", "masked": True},
    {"name": "numbers", "loss": "mean_squared_error"},
    {"name": "numbers, masked", "loss": "mean_squared_error", "masked": True},
]  # fmt: skip


def figures_of(name, loss, masked=False, class_weight=None, weigh="steps"):
    numeric = loss == "mean_squared_error"
    units = 1 if numeric or loss == "binary_crossentropy" else CLASSES
    y = labels.astype("float32") - 1 if numeric else np.minimum(labels, max(1, units - 1))
    w = {"steps": weights, "rows": np.repeat(weights[:, :1], STEPS, 1), "nothing": np.ones_like(weights)}[weigh]
    # Keras would take [rows, steps] for the targets of rows where a step has one unit.
    compared = np.eye(CLASSES)[y] if loss == "categorical_crossentropy" else y[..., None]
    activation = None if numeric else "softmax" if units > 1 else "sigmoid"
    dense = keras.layers.Dense(units, activation, kernel_initializer="identity" if units > 1 else "ones")
    masks = [keras.layers.Masking()] if masked else []
    first = keras.layers.Dense(4, "tanh", kernel_initializer="identity")
    model = keras.Sequential([keras.Input((STEPS, 2)), *masks, first, dense])
    metric = "mean_absolute_error" if numeric else "accuracy"
    model.compile(loss=loss, optimizer=keras.optimizers.SGD(0.1), metrics=[metric], weighted_metrics=[metric])
    # Keras finds no class of a step, so that the weights of classes are given as those of steps.
    by_class = np.array(class_weight or [1] * CLASSES, "float32")[0 if numeric else y]
    at = SPLITS
    history = model.fit(
        x[at["train"]],
        compared[at["train"]],
        sample_weight=(w * by_class)[at["train"]],
        validation_data=(x[at["validation"]], compared[at["validation"]], w[at["validation"]]),
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
    ).history
    test = (x[at["test"]], compared[at["test"]], BATCH, 0)
    return {
        "name": name,
        "loss": loss,
        "masked": masked,
        "class_weight": class_weight,
        "weigh": weigh,
        "rows": [
            {"split": split, "x": a, "y": b, "w": c[0] if weigh == "rows" else c}
            for split, rows in SPLITS.items()
            for a, b, c in zip(x[rows], y[rows], w[rows])
        ],
        "fit": {key: value for key, (value,) in history.items()},
        "test": model.evaluate(*test, sample_weight=w[at["test"]], return_dict=True),
        "unweighted_test": model.evaluate(*test, return_dict=True),
    }


golden.write(
    __file__,
    {
        "keras": keras.__version__,
        "batch": BATCH,
        "trainings": [figures_of(**case) for case in CASES],
    },
)
