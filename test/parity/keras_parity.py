"""
Trains in Keras what keras.ts sends, a JSON document a line on stdin, and answers a line each: losses, figures,
weights and predictions, or the error that Keras raised.
"""

import json
import math
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "golden"))

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
import tensorflow as tf
from keras_model import component, keras_target, model_of, named, optimizer_of, several

# Metrics of Keras that are named otherwise than the loss they average, or that it has as a function only.
RENAMED = {"log_cosh": "LogCoshError"}
# Where the default of ours is another one, as the reference page of metrics says.
DEFAULTS = {"f1_score": {"average": "macro"}}
# What Keras has no default for and we do.
REQUIRED = {"activation": ("activation", "linear"), **{f"average_pooling{n}d": ("pool_size", 2) for n in (1, 2, 3)}}



def exact(convert):
    """Where Keras computes in float64, TensorFlow is to take Python's numbers as they are: it makes float32 of them first."""

    def converted(value, *args, **options):
        in_float64 = isinstance(value, float) and keras.config.floatx() == "float64"
        return convert(np.float64(value) if in_float64 else value, *args, **options)

    return converted


def in_top_k(targets, predictions, k):
    """TensorFlow has it in float32 only."""
    return in_top_k_float32(targets, tf.cast(predictions, "float32"), k)


tf.cast, tf.convert_to_tensor = exact(tf.cast), exact(tf.convert_to_tensor)
in_top_k_float32, tf.math.in_top_k = tf.math.in_top_k, in_top_k


def summing(optimizer):
    """
    An optimizer that takes the gradient of an embedding's row as the sum over its lookups. On TensorFlow, and there alone,
    Keras squares and clips that of each lookup, as docs/keras.md says, or fails.
    """
    apply = optimizer.apply

    def apply_sums(gradients, variables=None):
        return apply([tf.convert_to_tensor(x) if isinstance(x, tf.IndexedSlices) else x for x in gradients], variables)

    optimizer.apply = apply_sums
    return optimizer


def metric(config):
    config = {**DEFAULTS.get(config["type"], {}), **config}
    kind = config.pop("type")
    found = named(keras.metrics).get(RENAMED.get(kind, kind).replace("_", "").lower())
    if found is not None:
        return found(name=kind, **config)
    return keras.metrics.MeanMetricWrapper(fn=component(keras.losses, {"type": kind, **config}, reduction=None), name=kind)


def array(tensor, dtype=None):
    return np.array(tensor["data"], dtype).reshape(tensor["shape"])


def finite(value):
    """JSON has no NaN and no infinity: null."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def fill_required(layer):
    """Gives a layer, and those inside it, the options that Keras has no default for."""
    if isinstance(layer, str):
        return
    if layer["type"] in REQUIRED:
        layer.setdefault(*REQUIRED[layer["type"]])
    inner = [layer[key] for key in ("layer", "backward_layer") if layer.get(key)]
    for one in inner + layer.get("layers", []):
        fill_required(one)


def train(spec):
    floatx = spec["floatx"]
    keras.backend.clear_session()
    keras.config.set_dtype_policy(floatx)
    keras.config.set_floatx(floatx)
    for layer in spec["model"]["layers"]:
        fill_required(layer)
    model = model_of(spec["model"])
    # Keras lists layers by their depth, a config as they are written; one that shares the weights of another is that layer.
    owners = [layer["name"] for layer in spec["model"]["layers"] if layer["type"] != "shared"]
    weights_of_model = [weight for name in owners for weight in model.get_layer(name).weights]
    for weight, start in zip(weights_of_model, spec["start"], strict=True):
        weight.assign(array(start, floatx))
    outputs, compiled = spec["model"]["outputs"], spec["compile"]
    losses = several(compiled["loss"], outputs)
    metrics = {key: [metric(config) for config in compiled.get("metrics", {}).get(key, [])] for key in outputs}
    weighted = {key: [metric(config) for config in compiled.get("weighted_metrics", {}).get(key, [])] for key in outputs}
    x = [array(value, floatx) for value in spec["inputs"].values()]
    y = [
        keras_target(array(spec["targets"][key], "int32" if spec["kinds"][key] == "classes" else floatx), spec["kinds"][key], losses[key], tensor.shape[1:])
        for key, tensor in zip(outputs, model.outputs)
    ]
    weights = None if spec["sample_weight"] is None else np.array(spec["sample_weight"], floatx)
    class_weight = None if spec["class_weight"] is None else dict(enumerate(spec["class_weight"]))
    if class_weight is not None and floatx == "float64":  # Keras makes float32 of class weights, which it then cannot multiply.
        (labels,) = (array(target, "int32") for target in spec["targets"].values())
        weights, class_weight = np.array(spec["class_weight"], floatx)[labels], None
    model.compile(
        summing(optimizer_of(compiled["optimizer"])),
        [component(keras.losses, losses[key]) for key in outputs],
        loss_weights=[compiled["loss_weights"][key] for key in outputs] if "loss_weights" in compiled else None,
        metrics=[metrics[key] for key in outputs],
        weighted_metrics=[weighted[key] for key in outputs],
        run_eagerly=True,
    )
    rows, batch = len(x[0]), spec["batch"]
    starts = list(range(0, rows, batch))
    figures = []
    for step in range(spec["steps"]):
        chosen = slice(starts[step % len(starts)], starts[step % len(starts)] + batch)
        model.reset_metrics()
        given, weight = [value[chosen] for value in y], None if weights is None else weights[chosen]
        single = len(outputs) == 1
        figures.append(
            model.train_on_batch(
                [value[chosen] for value in x],
                given[0] if single else given,
                sample_weight=weight if single or weight is None else [weight] * len(given),
                class_weight=class_weight,
                return_dict=True,
            )
        )
    model.reset_metrics()
    sample_weight = None if spec["sample_weight"] is None else np.array(spec["sample_weight"], floatx)
    evaluation = model.evaluate(
        x,
        y if len(y) > 1 else y[0],
        sample_weight=sample_weight if len(y) == 1 or sample_weight is None else [sample_weight] * len(y),
        batch_size=batch,
        verbose=0,
        return_dict=True,
    )
    predictions = model.predict_on_batch(x)
    predictions = predictions if isinstance(predictions, list) else [predictions]
    return {
        "figures": [golden.plain(step) for step in figures],
        "end": [golden.plain(keras.ops.convert_to_numpy(weight).reshape(-1)) for weight in weights_of_model],
        "evaluation": golden.plain(evaluation),
        "predictions": {key: golden.plain(keras.ops.convert_to_numpy(value).reshape(-1)) for key, value in zip(outputs, predictions)},
    }


out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # Whatever libraries print goes to stderr.
for line in sys.stdin:
    try:
        answer = finite(train(json.loads(line)))
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
    out.write(json.dumps(answer) + "\n")
    out.flush()
