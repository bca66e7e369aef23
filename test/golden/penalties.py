"""Golden numbers for every regularizer and constraint, made by Keras 3.15 on TensorFlow: python penalties.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
import tensorflow as tf

random = np.random.default_rng(5)
MATRIX = random.normal(size=(4, 3)).astype("float32")
MATRIX[1, 1] = 0
MATRIX[:, 2] *= 0.01
KERNEL = random.normal(size=(2, 2, 3, 2)).astype("float32")
ZEROS = np.zeros((3, 2), "float32")
ZERO_ROW = MATRIX * np.float32([[1], [0], [1], [1]])

REGULARIZERS = {
    "L1": [({}, MATRIX), ({"l1": 0.3}, KERNEL), ({}, ZEROS)],
    "L1L2": [({}, MATRIX), ({"l1": 0.2, "l2": 0.1}, MATRIX), ({"l2": 0.1}, KERNEL), ({"l1": 0.2}, ZEROS)],
    "L2": [({}, MATRIX), ({"l2": 0.3}, KERNEL)],
    "OrthogonalRegularizer": [({}, MATRIX), ({"factor": 0.2, "mode": "columns"}, MATRIX), ({}, ZERO_ROW)],
}
CONSTRAINTS = {
    "MaxNorm": [({}, MATRIX), ({"max_value": 1.0}, MATRIX), ({"max_value": 0.8, "axis": [0, 1, 2]}, KERNEL), ({}, ZEROS)],
    "MinMaxNorm": [
        ({}, MATRIX),
        ({"min_value": 0.5, "max_value": 0.9, "rate": 0.7, "axis": 1}, MATRIX),
        ({"min_value": 0.5, "axis": [0, 1, -2]}, KERNEL),
    ],
    "NonNeg": [({}, MATRIX)],
    "UnitNorm": [({}, MATRIX), ({"axis": -1}, MATRIX), ({"axis": [0, 1]}, KERNEL)],
}
NAMES = {"L1L2": "l1_l2"}


def type_of(name):
    return NAMES.get(name, keras.src.utils.naming.to_snake_case(name))


regularizers, constraints, defaults = [], [], {"regularizers": {}, "constraints": {}}
for name, variants in REGULARIZERS.items():
    regularizer_class = golden.reference(keras.regularizers, name)
    if not golden.lacks(name):
        defaults["regularizers"][type_of(name)] = golden.defaults(regularizer_class)
    for options, value in variants:
        x = tf.constant(value)
        with tf.GradientTape() as tape:
            tape.watch(x)
            penalty = regularizer_class(**options)(x)
        dx = golden.flat(tape.gradient(penalty, x, unconnected_gradients="zero"))
        regularizers.append(
            {"type": type_of(name), "options": options, "x": golden.flat(x), "y": float(penalty), "dx": dx}
        )
for name, variants in CONSTRAINTS.items():
    constraint_class = golden.reference(keras.constraints, name)
    if not golden.lacks(name):
        defaults["constraints"][type_of(name)] = golden.defaults(constraint_class)
    for options, value in variants:
        y = constraint_class(**options)(value)
        constraints.append({"type": type_of(name), "options": options, "x": golden.flat(value), "y": golden.flat(y)})

golden.write(
    __file__,
    {"keras": keras.__version__, "defaults": defaults, "regularizers": regularizers, "constraints": constraints},
)
