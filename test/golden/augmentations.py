"""
Golden numbers for every augmentation, made by Keras 3.15 on TensorFlow: python augmentations.py

Keras draws from another generator, so what is random is given: `draws` holds for each purpose a number in [0, 1) for each
image, and Keras's layers transform the images by the numbers that follow from them.
"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
import tensorflow as tf

FILL_MODES = ["reflect", "constant", "wrap", "nearest"]
INTERPOLATIONS = ["bilinear", "nearest"]
PIXELS = {"square": (4, 5, 5, 1), "wide": (4, 4, 7, 2), "tall": (3, 8, 3, 3), "line": (3, 1, 6, 1)}
IMAGES = {name: np.round(golden.random(name).uniform(size=shape), 3).astype("float32") for name, shape in PIXELS.items()}

LAYERS = {
    "random_flip": keras.layers.RandomFlip,
    "random_translation": keras.layers.RandomTranslation,
    "random_rotation": keras.layers.RandomRotation,
    "random_zoom": keras.layers.RandomZoom,
    "random_brightness": keras.layers.RandomBrightness,
    "random_erasing": keras.layers.RandomErasing,
}


class Draws:
    """Stands for keras.random in a layer: gives the numbers of the named purposes, one after the other."""

    def __init__(self, numbers, backend, purposes, batch):
        self.numbers = numbers
        self.backend = backend
        self.purposes = list(purposes)
        self.given = {}
        self.batch = batch

    def __getattr__(self, name):
        return getattr(self.backend, name)

    @property
    def random(self):
        return self

    def uniform(self, shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
        count = int(np.prod(shape)) // self.batch
        columns = [self.draw(self.purposes.pop(0)) for _ in range(count)]
        numbers = np.stack(columns, axis=-1).reshape([int(length) for length in shape])
        return tf.constant(minval + (maxval - minval) * numbers, "float32")

    def draw(self, purpose):
        self.given[purpose] = np.round(self.numbers.uniform(size=self.batch), 4).astype("float32")
        return self.given[purpose]


PURPOSES = {
    "random_flip": ["flip"],
    "random_translation": ["height", "width"],
    "random_rotation": ["angle"],
    "random_zoom": ["height", "width"],
    "random_brightness": ["brightness"],
    "random_erasing": ["width size", "height size", "width start", "height start", "chance", "erase"],
}

cases = []


def add(type, options, images):
    x = tf.constant(IMAGES[images])
    layer = LAYERS[type](**options)
    draws = Draws(golden.random(type, options, images), layer.backend, PURPOSES[type], x.shape[0])
    layer.backend = draws
    transformation = layer.get_random_transformation(x, training=True, seed=1)
    layer.backend = draws.backend
    y = np.round(layer.transform_images(x, transformation, training=True).numpy().astype("float64"), 7)
    given = {purpose: golden.plain(numbers) for purpose, numbers in draws.given.items()}
    cases.append({"type": type, "options": options, "x": images, "draws": given, "y": golden.flat(y)})


for mode in ["horizontal", "vertical", "horizontal_and_vertical"]:
    add("random_flip", {"mode": mode}, "wide")
for interpolation in INTERPOLATIONS:
    for fill in FILL_MODES:
        common = {"fill_mode": fill, "interpolation": interpolation, "fill_value": 0.25}
        for images in ["square", "tall"]:
            add("random_translation", {"height_factor": 0.9, "width_factor": 1.0, **common}, images)
            add("random_rotation", {"factor": 0.5, **common}, images)
            add("random_zoom", {"height_factor": 0.9, "width_factor": [-0.5, 1.0], **common}, images)
        add("random_translation", {"height_factor": 0.5, "width_factor": 0.7, **common}, "line")
        add("random_zoom", {"height_factor": [0.2, 0.8], **common}, "wide")
add("random_translation", {"height_factor": [-0.3, 0.1], "width_factor": 0.0}, "wide")
add("random_rotation", {"factor": [0.1, -0.2]}, "wide")
add("random_brightness", {"factor": 0.3, "value_range": [0, 1]}, "wide")
add("random_brightness", {"factor": [0.2, 0.9], "value_range": [-0.5, 0.8]}, "square")
add("random_brightness", {"factor": 0.001}, "square")
add("random_erasing", {"fill_value": 0.5, "value_range": [0, 1]}, "square")
add("random_erasing", {"factor": [1.0, 1.0], "scale": [0.2, 0.9], "fill_value": 7.0, "value_range": [0, 2]}, "wide")
add("random_erasing", {"factor": 0.9, "scale": 0.6, "fill_value": 0.0, "value_range": [0, 1]}, "tall")

defaults = {type: golden.defaults(layer) for type, layer in LAYERS.items()}
images = {name: golden.flat(x) for name, x in IMAGES.items()}
golden.write(__file__, {"keras": keras.__version__, "defaults": defaults, "images": images, "cases": cases})
