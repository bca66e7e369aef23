"""Keras 3 on the backend that KERAS_BACKEND names, by `fit`, in its default setting and its faster ones."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import common
import keras
from keras import layers as kl

BACKEND = keras.backend.backend()


def layer(config):
    options = {key: value for key, value in config.items() if key != "type"}
    classes = {
        "dense": kl.Dense,
        "dropout": kl.Dropout,
        "conv2d": kl.Conv2D,
        "max_pooling2d": kl.MaxPooling2D,
        "flatten": kl.Flatten,
        "embedding": kl.Embedding,
        "global_average_pooling1d": kl.GlobalAveragePooling1D,
        "batch_normalization": kl.BatchNormalization,
        "relu": kl.ReLU,
    }
    return classes[config["type"]](**options)


def optimizer(config):
    kind = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[config["type"]]
    return kind(learning_rate=config["learning_rate"])


def prepare(network):
    x, y = common.rows_of(network)
    batch = network["batch"]
    steps = -(-len(x) // batch)
    dtype = "int32" if "tokens" in network else "float32"
    settings = [("fit", {})]
    if BACKEND != "torch":  # which runs one step at a time only
        settings.append(("fit, steps_per_execution 50", {"steps_per_execution": 50}))
    if BACKEND == "tensorflow":
        settings.append(("fit, jit_compile, steps_per_execution 50", {"steps_per_execution": 50, "jit_compile": True}))
    for name, options in settings:
        model = keras.Sequential([keras.Input(network["input"], dtype=dtype), *map(layer, network["layers"])])
        model.compile(optimizer(network["optimizer"]), network["loss"], **options)

        # An epoch of `fit` has a cost of its own: several are one epoch of repeated rows.
        def fit(times, model=model):
            model.fit(x.repeat(times, 0), y.repeat(times, 0), batch_size=batch, epochs=1, verbose=0)

        times = common.epochs_in_a_call(steps, fit)
        xs, ys = x.repeat(times, 0), y.repeat(times, 0)

        def run(_steps, model=model, xs=xs, ys=ys):
            model.fit(xs, ys, batch_size=batch, epochs=1, verbose=0)

        yield f"{BACKEND}: {name}", run, steps * times


common.converse(prepare)
