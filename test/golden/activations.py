"""Golden numbers for every activation, made by Keras 3.15 on TensorFlow (but see sparsemax): python activations.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
import ours
import tensorflow as tf
from keras.src.activations import ALL_OBJECTS

POINTS = [
    *[-1e4, -100, -30, -8, -6, -3, -2.7, -2.5, -1.5, -1, -0.9, -0.5, -0.3, -1e-3, -1e-20],
    *[0, 1e-20, 1e-3, 0.3, 0.5, 0.7, 1, 1.1, 1.5, 2, 2.5, 3, 5.9, 6, 8, 30, 60, 1e4],
]
MODEST = [x for x in POINTS if -90 <= x <= 80]
ROWS = [[0.1, 0.2, 0.3, 0.4], [-3, 5, 0, 5], [1000, 999.25, -1000, 998.5], [2, 2, 2, 2]]
CUBE = np.random.default_rng(1).normal(size=(2, 4, 6)) * 2

# By activation: what it is called with, and the inputs.
VARIANTS = {
    "celu": [{}, {"alpha": 0.3}],
    "elu": [{}, {"alpha": 0.4}],
    "gelu": [{}, {"approximate": True}],
    "glu": [({}, CUBE), ({"axis": 1}, CUBE), ({"axis": -2}, CUBE), ({}, ROWS)],
    "hard_shrink": [{}, {"threshold": 1}],
    "leaky_relu": [{}, {"negative_slope": 0.01}],
    "log_softmax": [({}, ROWS), ({}, CUBE), ({"axis": 1}, CUBE)],
    "relu": [
        {},
        {"negative_slope": 0.1},
        {"max_value": 6},
        {"max_value": 2.2},
        {"threshold": 1.2},
        {"threshold": -1.2},
        {"threshold": -1.2, "max_value": 2.2},
        {"negative_slope": 0.1, "max_value": 2.2},
        {"negative_slope": 0.1, "threshold": 1.2},
        {"negative_slope": 0.1, "max_value": 2.2, "threshold": -1.2},
    ],
    "soft_shrink": [{}, {"threshold": 1}],
    "softmax": [({}, ROWS), ({}, CUBE), ({"axis": 1}, CUBE), ({"axis": -2}, CUBE)],
    "sparsemax": [({}, ROWS), ({}, CUBE), ({"axis": 1}, CUBE), ({}, CUBE * 10)],
    "squareplus": [{}, {"b": 0.5}],
    "threshold": [{"threshold": 0.6, "default_value": -2}, {"threshold": -1, "default_value": 0}],
}



def sparsemax(x, axis=-1):
    """
    Martins and Astudillo (2016), algorithm 1. Keras 3.15 adds up the cumulative sums of the support where the paper
    takes the last of them: its rows add up to 1 only if a single element is left.
    """
    ordered = tf.sort(x, axis=axis, direction="DESCENDING")
    sums = tf.cumsum(ordered, axis=axis)
    shape = [-1 if i == axis % len(x.shape) else 1 for i in range(len(x.shape))]
    place = tf.reshape(tf.range(1, x.shape[axis] + 1, dtype=x.dtype), shape)
    support = tf.cast(1 + place * ordered > sums, x.dtype)
    count = tf.reduce_sum(support, axis=axis, keepdims=True)
    threshold = (tf.reduce_sum(support * ordered, axis=axis, keepdims=True) - 1) / count
    return tf.maximum(x - threshold, 0)


REPLACED = {"sparsemax": sparsemax}
OURS = [function for function in vars(ours).values() if callable(function) and not isinstance(function, type)]

cases = []
for function in sorted([*ALL_OBJECTS, *OURS], key=lambda function: function.__name__):
    name = function.__name__
    points = MODEST if name == "exponential" else POINTS
    for variant in VARIANTS.get(name, [{}]):
        options, given = variant if isinstance(variant, tuple) else (variant, np.reshape(points, (1, -1)))
        x = tf.constant(given, "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = REPLACED.get(name, function)(x, **options)
            dy = tf.constant(np.cos(np.arange(tf.size(y))).reshape(y.shape), "float32")
            total = tf.reduce_sum(y * dy)
        dx = tape.gradient(total, x)
        tensors = {"x": x, "y": y, "dy": dy, "dx": dx}
        cases.append({"type": name, "options": options, **{key: golden.flat(t) for key, t in tensors.items()}})

defaults = {function.__name__: golden.defaults(function) for function in ALL_OBJECTS}
golden.write(__file__, {"keras": keras.__version__, "defaults": dict(sorted(defaults.items())), "cases": cases})
