"""
Models in the HDF5 files of earlier versions of Keras, and what Keras predicts: python imports.py. One was saved by Keras 3
and its arrays were compressed, the other has the words and the order of Keras 2.
"""

import json
import pathlib
import tempfile

import golden  # First: it sets up the environment that Keras reads.
import h5py
import keras
import numpy as np
from keras import layers


def compress(source, target):
    """A copy of a file whose arrays are in chunks that do not divide them, shuffled and compressed."""

    def copy(name, item):
        if isinstance(item, h5py.Group):
            place = target.require_group(name)
        else:
            chunks = tuple(max(1, length - 1) for length in item.shape)
            packed = {"chunks": chunks, "compression": "gzip", "shuffle": True, "fletcher32": True} if chunks else {}
            place = target.create_dataset(name, data=item[()], **packed)
        for key, value in item.attrs.items():
            place.attrs[key] = value

    for key, value in source.attrs.items():
        target.attrs[key] = value
    source.visititems(copy)


def siamese():
    encoder = keras.Sequential([keras.Input((3,)), layers.Dense(4, "tanh"), layers.BatchNormalization(), layers.Dense(2)], name="encoder")
    left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    apart = layers.Subtract(name="apart")([encoder(left), encoder(right)])
    return keras.Model([left, right], layers.Dense(1, "sigmoid", name="same")(apart), name="siamese")


def keras2(model, path):
    """A sequential model inside a functional one, as Keras 2 wrote them: fixed strings, `:0`, calls of models counted from 1."""
    dense = {"dtype": "float32", "activation": "linear", "use_bias": True, "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}}}
    inner = [
        {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4, 4, 1], "dtype": "float32", "sparse": False, "ragged": False, "name": "pixels"}},
        {"class_name": "Conv2D", "config": {"name": "conv", "filters": 2, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "groups": 1, "data_format": "channels_last", "activation": "relu"}},
        {"class_name": "BatchNormalization", "config": {"name": "norm", "axis": [3], "momentum": 0.99, "epsilon": 0.001}},
        {"class_name": "Flatten", "config": {"name": "flat", "data_format": "channels_last"}},
    ]
    config = {
        "class_name": "Functional",
        "config": {
            "name": "older",
            "layers": [
                {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4, 4, 1], "name": "image"}, "name": "image", "inbound_nodes": []},
                {"class_name": "Sequential", "config": {"name": "body", "layers": inner}, "name": "body", "inbound_nodes": [[["image", 0, 0, {}]]]},
                {"class_name": "Dense", "config": {**dense, "name": "score", "units": 3}, "name": "score", "inbound_nodes": [[["body", 1, 0, {}]]]},
            ],
            "input_layers": [["image", 0, 0]],
            "output_layers": [["score", 0, 0]],
        },
    }
    training = {
        "loss": "mse", "metrics": [], "weighted_metrics": None, "loss_weights": None,
        "optimizer_config": {"class_name": "SGD", "config": {"name": "SGD", "learning_rate": 0.01, "decay": 0.0, "momentum": 0.5, "nesterov": False}},
    }
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = np.bytes_("2.15.0")
        file.attrs["model_config"] = np.bytes_(json.dumps(config))
        file.attrs["training_config"] = np.bytes_(json.dumps(training))
        body = model.get_layer("body")
        for layer, weights in (("image", []), ("body", body.trainable_weights + body.non_trainable_weights), ("score", model.get_layer("score").weights)):
            group = file.create_group(f"model_weights/{layer}")
            names = [f"{weight.path.removeprefix('older/').removeprefix('body/')}:0" for weight in weights]
            group.attrs["weight_names"] = [np.bytes_(name) for name in names]
            for name, weight in zip(names, weights):
                group.create_dataset(name, data=weight.numpy())


def older():
    body = keras.Sequential([
        keras.Input((4, 4, 1)), layers.Conv2D(2, 3, padding="same", activation="relu", name="conv"),
        layers.BatchNormalization(name="norm"), layers.Flatten(name="flat"),
    ], name="body")
    image = keras.Input((4, 4, 1), name="image")
    return keras.Model(image, layers.Dense(3, name="score")(body(image)), name="older")


def plain():
    return keras.Sequential([keras.Input((2,)), layers.Dense(6, "relu", name="dense"), layers.Dense(4, "relu", name="code"), layers.Dense(1, "sigmoid", name="dense_1")], name="plain")


cases = []
for model in (siamese(), older(), plain()):
    random = golden.random(model.name)
    for weight in model.weights:
        value = random.normal(size=weight.shape) * 0.5
        weight.assign((np.abs(value) + 0.5 if "variance" in weight.path else value).round(2))
    path = f"{pathlib.Path(__file__).parent}/{model.name}.h5"
    if model.name == "older":
        keras2(model, path)
    else:
        model.compile("adam", "binary_crossentropy")
        with tempfile.TemporaryDirectory() as folder:
            saved = f"{folder}/{model.name}.h5"
            model.save(saved)
            with h5py.File(saved) as source, h5py.File(path, "w") as target:
                compress(source, target)
    x = [random.normal(size=(3, *tensor.shape[1:])).round(2).astype("float32") for tensor in model.inputs]
    predictions = model.predict(x if len(x) > 1 else x[0], verbose=0)
    cases.append({"file": f"{model.name}.h5", "inputs": [golden.flat(value) for value in x], "predictions": golden.flat(predictions)})

golden.write(__file__, {"keras": keras.__version__, "cases": cases})
