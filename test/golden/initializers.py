"""Golden numbers for initializers, made by Keras 3.15: python initializers.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
import ours
import tensorflow as tf
from keras.src.initializers import ALL_OBJECTS, random_initializers
from keras.src.initializers.random_initializers import compute_fans
from keras.src.utils.naming import to_snake_case

LEFT_OUT = {"Initializer", "STFT"}
OURS = [c for c in vars(ours).values() if isinstance(c, type) and issubclass(c, keras.initializers.Initializer)]
CLASSES = {to_snake_case(c.__name__): c for c in [*ALL_OBJECTS, *OURS] if c.__name__ not in LEFT_OUT}
# A run has one seed; axes that are not the last two belong to attention layers.
SKIPPED = {"seed", "input_axes", "output_axes"}
SHAPES = [[250, 400], [5, 5, 16, 250], [10, 2, 2, 50, 50], [5, 80, 250], [100000]]
FAN_SHAPES = [[7], [3, 5], [4, 3, 5], [3, 2, 4, 5], [2, 3, 4, 5, 6]]

VARIANTS = {
    "constant": [{"value": 0.3}],
    "identity": [],
    "orthogonal": [],
    "random_normal": [{}, {"mean": 2.0, "stddev": 0.5}],
    "random_uniform": [{}, {"minval": 1.0, "maxval": 3.0}],
    "truncated_normal": [{}, {"mean": 2.0, "stddev": 0.5}],
    "variance_scaling": [
        {"scale": 2.0, "mode": mode, "distribution": distribution}
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("truncated_normal", "untruncated_normal", "uniform")
    ],
}


def statistics(name, options, shape):
    """Of 100,000 numbers."""
    keras.utils.set_random_seed(1)
    values = CLASSES[name](**options)(shape).numpy()
    return {
        "type": name,
        "options": options,
        "shape": shape,
        **{key: float(getattr(values, key)(dtype="float64")) for key in ("mean", "std")},
        "min": float(values.min()),
        "max": float(values.max()),
    }


def orthogonal(shape, gain):
    """What Keras makes of known random numbers in place of its own."""
    draws = []

    def normal(size, seed=None, dtype=None):
        draws.append(np.random.default_rng(len(shape)).normal(size=size).astype("float32"))
        return tf.constant(draws[-1])

    original, random_initializers.random.normal = random_initializers.random.normal, normal
    values = keras.initializers.Orthogonal(gain=gain)(shape)
    random_initializers.random.normal = original
    return {"gain": gain, "draws": golden.flat(draws[0]), "values": golden.flat(values)}


golden.write(
    __file__,
    {
        "keras": keras.__version__,
        "defaults": {
            name: {key: value for key, value in golden.defaults(CLASSES[name]).items() if key not in SKIPPED}
            for name in sorted(CLASSES)
            if CLASSES[name] not in OURS
        },
        "fans": [{"shape": shape, "fans": compute_fans(shape)} for shape in FAN_SHAPES],
        "statistics": [
            statistics(name, options, shape)
            for name in sorted(CLASSES)
            for options in VARIANTS.get(name, [{}])
            for shape in (SHAPES if options == {} or name == "variance_scaling" else SHAPES[:1])
        ],
        "orthogonal": [
            orthogonal(shape, gain)
            for shape, gain in (
                *(([4, 4], 1.0), ([9, 6], 1.0), ([3, 7], 1.0)),
                *(([5, 5], 0.5), ([2, 3, 2, 5], 2.0), ([2, 2, 6], 1.0)),
            )
        ],
        "identity": [
            {"gain": gain, "values": golden.flat(keras.initializers.Identity(gain=gain)(shape))}
            for shape, gain in (([3, 3], 1.0), ([2, 4], 0.5), ([4, 2], 2.0))
        ],
    },
)
