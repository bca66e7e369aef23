"""Golden numbers for merges of masked inputs, made by Keras 3.15 on TensorFlow: python masks.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
from keras.src import backend

INPUTS = [
    [1, 2, 3, 4, 5, 6, -1, 0, 2, -2, 7, 1],
    [2, -1, 0, 5, -3, 8, 1, 1, -4, 2, 9, -6],
]
MASKS = [[1, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1]]


def merged(layer, masked):
    """The layer's output for INPUTS [2, 3, 2], of which some have their mask of MASKS [2, 3]."""
    xs = []
    for values, mask, is_masked in zip(INPUTS, MASKS, masked):
        x = keras.ops.convert_to_tensor(np.reshape(values, (2, 3, 2)), "float32")
        if is_masked:
            backend.set_keras_mask(x, keras.ops.convert_to_tensor(np.reshape(mask, (2, 3)) != 0))
        xs.append(x)
    return np.array(layer(xs)).ravel().tolist()


LAYERS = ["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"]
CASES = [
    {"type": name.lower(), "masked": masked, "y": merged(getattr(keras.layers, name)(), masked)}
    for name in LAYERS
    for masked in ([False, False], [True, False], [False, True], [True, True])
]
golden.write("masks", {"inputs": INPUTS, "masks": MASKS, "cases": CASES})
