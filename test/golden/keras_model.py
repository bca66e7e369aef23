"""Keras models, optimizers and losses from the words of a config."""

import keras
import numpy as np
import ours


def named(module):
    """The classes of a Keras module and of ours.py by their names without case and underscores."""
    found = {**vars(module), **vars(ours)}
    return {name.lower(): value for name, value in found.items() if isinstance(value, type) and name[0].isupper()}


def component(module, config, **more):
    """A Keras object from a config of ours: {type, ...options} or a bare type."""
    config = {"type": config} if isinstance(config, str) else dict(config)
    return named(module)[config.pop("type").replace("_", "")](**config, **more)


def option(key, value):
    if key in ("layer", "backward_layer"):
        return layer(value)
    if key.endswith("_regularizer"):
        return component(keras.regularizers, value)
    if key.endswith("_constraint"):
        return component(keras.constraints, value)
    return value


def layer(config):
    options = {key: option(key, value) for key, value in config.items() if key not in ("type", "from")}
    return named(keras.layers)[config["type"].replace("_", "")](**options)


def inner_model(config, taken):
    """A model inside the model, for tensors of the shapes of those that it takes."""
    given = taken if isinstance(taken, list) else [taken]
    inputs = {name: keras.Input(tensor.shape[1:]) for name, tensor in zip(config.get("inputs", ["input"]), given)}
    tensors = tensors_of(config["layers"], inputs)
    output = tensors[config.get("outputs", config["layers"][-1]["name"])]
    model = keras.Model(list(inputs.values()), output, name=config["name"])
    model.trainable = config.get("trainable", True)  # As an argument it would not reach the layers.
    return model


def tensors_of(entries, inputs):
    """The outputs of layers by name."""
    tensors, made, last = dict(inputs), {}, list(inputs.values())[0]
    for entry in entries:
        source = entry.get("from")
        taken = last if source is None else [tensors[name] for name in source] if isinstance(source, list) else tensors[source]
        if entry["type"] == "shared":
            one = made[entry["with"]]
        else:
            one = inner_model(entry, taken) if entry["type"] == "model" else layer(entry)
        made[entry["name"]] = one
        last = tensors[entry["name"]] = one(taken)
    return tensors


def model_of(config):
    inputs = {name: keras.Input(shape, name=name) for name, shape in config["inputs"].items()}
    tensors = tensors_of(config["layers"], inputs)
    return keras.Model(list(inputs.values()), [tensors[name] for name in config["outputs"]])


def optimizer_of(config):
    config = {"type": config} if isinstance(config, str) else dict(config)
    if isinstance(config.get("learning_rate"), dict):
        config["learning_rate"] = component(keras.optimizers.schedules, config["learning_rate"])
    return component(keras.optimizers, config)


def keras_target(stored, kind, loss, shape):
    """What Keras compares an output of a shape with."""
    name = loss if isinstance(loss, str) else loss["type"]
    if kind != "classes" or name.startswith("sparse"):
        return stored
    return stored[..., None].astype("float32") if shape[-1] == 1 else np.eye(shape[-1], dtype="float32")[stored]


def several(value, outputs):
    return value if isinstance(value, dict) and "type" not in value else {name: value for name in outputs}
