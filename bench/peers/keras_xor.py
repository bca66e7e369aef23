"""The net of configs/lab-xor.yaml in Keras, as its user would write it: so many epochs of one batch."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np

keras.utils.set_random_seed(100)
x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
y = np.array([0, 1, 1, 0], "float32")
dense = keras.layers.Dense
model = keras.Sequential(
    [
        keras.Input([2]),
        dense(2, "sigmoid", kernel_initializer="random_uniform"),
        dense(1, "sigmoid", kernel_initializer="random_uniform"),
    ]
)
model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=4, epochs=int(sys.argv[1]), verbose=0)
