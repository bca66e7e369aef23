"""Golden numbers for every loss, made by Keras 3.15 on TensorFlow: python losses.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
import tensorflow as tf

# Shared by cases; each has a generator of its own, so that a new one changes no other.
random = golden.random


def softmax(x):
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


NUMBERS = random("numbers").normal(size=(2, 5, 3)) * 2
NUMBERS[0][0, 0] = 0
NUMBERS[1][1] = NUMBERS[0][1]
SEQUENCE = random("sequence").normal(size=(2, 2, 3, 4))
COUNTS = (random("counts").integers(0, 5, (4, 3)), random("means").uniform(0.01, 5, (4, 3)))
POSITIVE = random("positive").uniform(-0.5, 8, (2, 4, 3))
SHARES = softmax(random("shares").normal(size=(2, 4, 3)))
SHARES[0][0] = [1, 0, 0]
YES = (random("labels").integers(0, 2, (5, 3)), random("probabilities").uniform(0.02, 0.98, (5, 3)))
SURE = (np.array([[0, 1, 0, 1]]), np.array([[0, 0, 1, 1]]))
ONE_UNIT = (random("one label").integers(0, 2, (6, 1)), random("one probability").uniform(0.02, 0.98, (6, 1)))
YES_LOGITS = (random("logit labels").integers(0, 2, (4, 3)), random("label logits").normal(size=(4, 3)) * 4)
SIGNED = (random("signs").integers(0, 2, (4, 3)) * 2 - 1, random("margins").normal(size=(4, 3)) * 2)
CLASSES = random("classes").integers(0, 4, 6)
ONE_HOT = np.eye(4)[CLASSES]
PROBABILITIES = softmax(random("class probabilities").normal(size=(6, 4)))
PROBABILITIES[0] = [1, 0, 0, 0]
UNNORMALISED = random("unnormalised").uniform(0.1, 1.6, (6, 4))
LOGITS = random("logits").normal(size=(6, 4)) * 3
STEPS = random("steps").integers(0, 4, (2, 3))
STEP_LOGITS = random("step logits").normal(size=(2, 3, 4))


def crossentropies(target, steps, more):
    """Given probabilities, logits, and probabilities straight from a softmax."""
    yield from (({}, (target, given)) for given in (PROBABILITIES, UNNORMALISED))
    yield {"from_logits": True}, (target, LOGITS)
    yield {}, (target, LOGITS), "softmax"
    yield {}, (target, LOGITS * 20), "softmax"
    yield {}, (steps, STEP_LOGITS), "softmax"
    for options in more:
        yield options, (target, PROBABILITIES)
        yield {**options, "from_logits": True}, (target, LOGITS)


def binary_crossentropies(more):
    yield from (({}, given) for given in (YES, SURE, ONE_UNIT))
    yield {"from_logits": True}, YES_LOGITS
    yield {}, YES_LOGITS, "sigmoid"
    yield {}, (YES_LOGITS[0], YES_LOGITS[1] * 20), "sigmoid"
    for options in more:
        yield options, YES
        yield {**options, "from_logits": True}, YES_LOGITS


STEP_ONE_HOT = np.eye(4)[STEPS]
SMOOTH = {"label_smoothing": 0.2}
VARIANTS = {
    "BinaryCrossentropy": binary_crossentropies([SMOOTH]),
    "BinaryFocalCrossentropy": binary_crossentropies(
        [SMOOTH, {"apply_class_balancing": True, "alpha": 0.7}, {"gamma": 1.5}, {"gamma": 0.0}]
    ),
    "CategoricalCrossentropy": crossentropies(ONE_HOT, STEP_ONE_HOT, [SMOOTH]),
    "CategoricalFocalCrossentropy": crossentropies(
        ONE_HOT, STEP_ONE_HOT, [SMOOTH, {"alpha": 0.6, "gamma": 1.5}, {"alpha": [0.1, 0.2, 0.3, 0.4]}]
    ),
    "CategoricalHinge": [({}, (ONE_HOT, LOGITS)), ({}, (STEP_ONE_HOT, STEP_LOGITS))],
    "CosineSimilarity": [({}, NUMBERS), ({}, SEQUENCE), ({"axis": 1}, SEQUENCE), ({"axis": -2}, SEQUENCE)],
    "Hinge": [({}, YES_LOGITS), ({}, SIGNED), ({}, NUMBERS), ({}, SURE)],
    "Huber": [({}, NUMBERS), ({"delta": 0.5}, NUMBERS), ({}, SEQUENCE)],
    "KLDivergence": [({}, SHARES), ({}, SURE), ({}, POSITIVE)],
    "LogCosh": [({}, NUMBERS), ({}, (NUMBERS[0] * 40, NUMBERS[1]))],
    "MeanAbsoluteError": [({}, NUMBERS), ({}, SEQUENCE)],
    "MeanAbsolutePercentageError": [({}, (POSITIVE[0] + 1, POSITIVE[1])), ({}, ([[0, 1e-9]], [[1e-5, -1e-5]]))],
    "MeanSquaredError": [({}, NUMBERS), ({}, SEQUENCE)],
    "MeanSquaredLogarithmicError": [({}, POSITIVE)],
    "Poisson": [({}, COUNTS), ({}, (COUNTS[0], COUNTS[1] * 1e-3))],
    "SparseCategoricalCrossentropy": crossentropies(CLASSES, STEPS, []),
    "SquaredHinge": [({}, YES_LOGITS), ({}, SIGNED), ({}, NUMBERS)],
}

# What nnlab leaves out: every loss is `sum_over_batch_size`, crossentropies are over the last axis.
LEFT_OUT = {"reduction", "dtype", "ignore_class"}

cases, defaults = [], {}
for name, variants in VARIANTS.items():
    loss_class = golden.reference(keras.losses, name)
    type_name = keras.src.utils.naming.to_snake_case(name)
    left_out = LEFT_OUT | (set() if name == "CosineSimilarity" else {"axis"})
    if not golden.lacks(name):
        defaults[type_name] = {k: v for k, v in golden.defaults(loss_class).items() if k not in left_out}
    for options, (target, prediction), *through in variants:
        loss = loss_class(**options, reduction=None)
        x = tf.constant(prediction, "float32")
        y = tf.constant(target, "int32" if name.startswith("Sparse") else "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = loss(y, getattr(keras.ops, through[0])(x) if through else x)
            dy = tf.constant(np.cos(np.arange(tf.size(value))).reshape(value.shape), "float32")
            total = tf.reduce_sum(value * dy)
        case = {"target": y, "x": x, "y": value, "dy": dy, "dx": tape.gradient(total, x)}
        case = {key: golden.flat(tensor) for key, tensor in case.items()}
        cases.append({"type": type_name, "options": options, "through": through[0] if through else None, **case})

golden.write(__file__, {"keras": keras.__version__, "defaults": defaults, "cases": cases})
