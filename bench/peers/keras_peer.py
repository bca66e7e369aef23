"""Keras 3 on the backend that KERAS_BACKEND names, by `fit`, in its default setting and its faster ones."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import common
import keras

BACKEND = keras.backend.backend()
CLASSES = {name.lower(): value for name, value in vars(keras.layers).items() if isinstance(value, type)}


def layer(config):
    """The layer of that type: nnlab's names are Keras's class names in snake case."""
    options = {key: layer(value) if key == "layer" else value for key, value in config.items() if key != "type"}
    return CLASSES[config["type"].replace("_", "")](**options)


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
