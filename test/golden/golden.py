"""The ground that the scripts of this folder share: a quiet Keras on TensorFlow, and one compact JSON file beside each script."""

import hashlib
import inspect
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np  # noqa: E402
import ours  # noqa: E402


def random(*name):
    """Random numbers for the case of this name: no other case changes them."""
    digest = hashlib.sha256(json.dumps(name).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def plain(value):
    """Tensors, arrays and numbers as JSON, floats with the nine digits that tell any two float32 apart."""
    if hasattr(value, "numpy"):
        value = value.numpy()
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.9g}")
    return value


def flat(tensor):
    """A tensor as its shape and its elements in row-major order."""
    array = tensor.numpy() if hasattr(tensor, "numpy") else tensor
    return {"shape": list(array.shape), "data": plain(array.reshape(-1))}


def defaults(function):
    """The options of a Keras class or function that have a default, and the default."""
    skipped = {"name", "kwargs", "loss_scale_factor", "gradient_accumulation_steps"}
    parameters = inspect.signature(function).parameters.values()
    return {p.name: plain(p.default) for p in parameters if p.default is not p.empty and p.name not in skipped}


def reference(module, name):
    """A class of a module of Keras, or that of ours.py for a component that Keras lacks."""
    return getattr(ours, name) if lacks(name) else getattr(module, name)


def lacks(name):
    """Whether Keras lacks a class or function, so that it has no defaults to compare with."""
    return hasattr(ours, name)


def write(script, golden):
    """Writes the golden numbers of a script, one case a line."""
    path = pathlib.Path(script).with_suffix(".json")
    parts = []
    for key, value in golden.items():
        if isinstance(value, list):
            text = "[\n" + ",\n".join(json.dumps(plain(item), separators=(",", ":")) for item in value) + "\n]"
        else:
            text = json.dumps(plain(value), separators=(",", ":"))
        parts.append(f"{json.dumps(key)}:{text}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")
