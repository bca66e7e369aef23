"""Golden traces of the callbacks over given values of a metric, made by Keras 3.15 on TensorFlow: python callbacks.py"""

import tempfile

import golden  # First: it sets up the environment that Keras reads.
import keras

FALLING = [1.0, 0.8, 0.9, 0.7, 0.71, 0.72, 0.69, 0.6896, 0.75, 0.8, 0.81, 0.82, 0.6, 0.83]
RISING = [0.1, 0.3, 0.2, 0.4, 0.39, 0.41, 0.405, 0.4104, 0.3, 0.2, 0.5, 0.1, 0.1, 0.1]
FLAT = [0.5] * 14
NAN = [0.9, float("nan"), 0.8, float("nan"), float("nan"), 0.85, 0.7, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]

EARLY = [
    ({}, FALLING), ({"patience": 2}, FALLING), ({"patience": 3}, FALLING), ({"patience": 2, "min_delta": 0.05}, FALLING),
    ({"patience": 2, "baseline": 0.75}, FALLING), ({"patience": 3, "baseline": 0.5}, FALLING), ({"patience": 2, "start_from_epoch": 5}, FALLING),
    ({"patience": 3, "restore_best_weights": True}, FALLING), ({"patience": 0, "restore_best_weights": True}, FLAT), ({"patience": 0}, FLAT),
    ({"patience": 2, "monitor": "val_accuracy"}, RISING), ({"patience": 2, "monitor": "accuracy", "restore_best_weights": True}, RISING),
    ({"patience": 2, "monitor": "val_accuracy", "mode": "min"}, RISING), ({"patience": 2, "mode": "max"}, FALLING),
    ({"patience": 3, "monitor": "val_mean_squared_error"}, FALLING), ({"patience": 2, "monitor": "cosine_similarity"}, RISING),
    ({"patience": 2, "monitor": "auc", "min_delta": 0.05}, RISING), ({"patience": 2}, NAN), ({"patience": 3, "restore_best_weights": True}, NAN),
    ({"patience": 20, "restore_best_weights": True, "start_from_epoch": 4}, FALLING), ({"patience": 2, "baseline": 0.35, "monitor": "accuracy"}, RISING),
]
PLATEAU = [
    ({}, FALLING), ({"patience": 1}, FALLING), ({"patience": 2, "factor": 0.5}, FALLING), ({"patience": 0}, FLAT), ({"patience": 1, "cooldown": 2}, FLAT),
    ({"patience": 2, "cooldown": 1, "factor": 0.3}, FALLING), ({"patience": 1, "min_lr": 0.004}, FLAT), ({"patience": 1, "min_lr": 0.003, "cooldown": 3}, FLAT),
    ({"patience": 2, "min_delta": 0.05}, FALLING), ({"patience": 2, "monitor": "val_accuracy"}, RISING), ({"patience": 2, "monitor": "val_accuracy", "mode": "min"}, RISING),
    ({"patience": 1, "monitor": "r2_score"}, RISING), ({"patience": 1}, NAN),
]
TENSORBOARD = [({}, FALLING)]
DIAGNOSE = [({}, FALLING)]
MLFLOW = [({"uri": "http://localhost:5000"}, FALLING)]
UNFREEZE = [({"at": "3 epochs", "layers": ["d*"], "learning_rate": 0.001}, FLAT), ({"at": "1 epoch", "layers": ["dense"]}, FLAT)]
METRICS = ["accuracy", "mean_squared_error", "cosine_similarity", keras.metrics.AUC(name="auc"), "r2_score"]


class Model(keras.Sequential):
    """A model whose weights are the number of the epoch."""

    epoch = -1

    def get_weights(self):
        return [self.epoch]

    def set_weights(self, weights):
        self.epoch = weights[0]


def trace(callback, values, rate=0.01):
    model = Model([keras.Input([2]), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=METRICS)
    model.train_on_batch(keras.ops.ones((2, 2)), keras.ops.ones((2, 1)))
    if hasattr(callback, "log_dir"):
        callback.log_dir = tempfile.mkdtemp()
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    rates = []
    monitor = getattr(callback, "monitor", "loss")
    for epoch, value in enumerate(values):
        model.epoch = epoch
        callback.on_epoch_end(epoch, {monitor: value})
        rates.append(float(model.optimizer.learning_rate))
        if model.stop_training:
            break
    callback.on_train_end()
    return {"epochs": len(rates), "weights": model.epoch, "rates": rates}


def json_of(values):
    return [None if value != value else value for value in values]


# By our type: the class in Keras or ours.py, with an attribute `monitor`, and variants: options, values of the monitored metric.
CALLBACKS = {
    "diagnose": ("Diagnose", DIAGNOSE),
    "early_stopping": ("EarlyStopping", EARLY),
    "mlflow": ("Mlflow", MLFLOW),
    "reduce_lr_on_plateau": ("ReduceLROnPlateau", PLATEAU),
    "tensorboard": ("TensorBoard", TENSORBOARD),
    "unfreeze": ("Unfreeze", UNFREEZE),
}

cases = []
for type, (name, variants) in CALLBACKS.items():
    for options, values in variants:
        callback = golden.reference(keras.callbacks, name)(**options)
        cases.append({"type": type, "options": options, "values": json_of(values), **trace(callback, values)})

defaults = {type: golden.defaults(getattr(keras.callbacks, name)) for type, (name, _) in CALLBACKS.items() if not golden.lacks(name)}
# Options that ours lack: there are no words to print, and the files of a run lie in its folder and are written once an epoch.
LACKING = ["verbose", "log_dir", "write_graph", "write_images", "write_steps_per_second", "update_freq", "profile_batch", "embeddings_freq", "embeddings_metadata"]
defaults = {type: {name: value for name, value in options.items() if name not in LACKING} for type, options in defaults.items()}
golden.write(__file__, {"keras": keras.__version__, "defaults": defaults, "cases": cases})
