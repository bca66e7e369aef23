"""
Golden figures of weighted training, validation and test rows, made by Keras 3.15 on TensorFlow from fit and evaluate with
sample weights: python sample_weight.py
"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np

BATCH = 4
SPLITS = {"train": slice(0, 8), "validation": slice(8, 15), "test": slice(15, 20)}

draw = golden.random("sample_weight")
x = draw.normal(size=(20, 3)).round(2).astype("float32")
y = (x.sum(1) + draw.normal(size=20) > 0).astype("float32")
weights = draw.choice([0, 0.25, 1, 3, 5], 20).astype("float32")


def figures_of(class_weight):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, "tanh", kernel_initializer=keras.initializers.Constant(0.2)),
            keras.layers.Dense(1, "sigmoid", kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(0.05)),
        ]
    )
    model.compile(
        loss="binary_crossentropy",
        optimizer=keras.optimizers.SGD(0.1),
        metrics=["accuracy"],
        weighted_metrics=["binary_accuracy", "mean_absolute_error"],
    )
    rows = {name: (x[at], y[at], weights[at]) for name, at in SPLITS.items()}
    x_train, y_train, w_train = rows["train"]
    # Keras takes either class weights or sample weights: their product is what nnlab trains with.
    by_class = np.array(class_weight or [1, 1], "float32")[y_train.astype(int)]
    history = model.fit(
        x_train,
        y_train,
        sample_weight=w_train * by_class,
        validation_data=rows["validation"],
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
    ).history
    x_test, y_test, w_test = rows["test"]
    return {
        "class_weight": class_weight,
        "fit": {name: value for name, (value,) in history.items()},
        "test": model.evaluate(x_test, y_test, BATCH, sample_weight=w_test, verbose=0, return_dict=True),
        "unweighted_test": model.evaluate(x_test, y_test, BATCH, verbose=0, return_dict=True),
    }


golden.write(
    __file__,
    {
        "keras": keras.__version__,
        "batch": BATCH,
        "rows": [
            {"split": name, "x": row, "y": label, "weight": weight}
            for name, at in SPLITS.items()
            for row, label, weight in zip(x[at], y[at], weights[at])
        ],
        "trainings": [figures_of(None), figures_of([1, 3])],
    },
)
