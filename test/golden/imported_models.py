"""
Twenty Keras models like those of public examples, each saved as NAME.keras and NAME.h5 into a folder, and what they predict, for
the test of `nnlab import`: python imported_models.py FOLDER
"""

import json
import os
import sys

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
from keras import Input, Model, Sequential, layers


def mlp():
    return Sequential([Input((784,)), layers.Dense(128, "relu"), layers.Dropout(0.2), layers.Dense(10, "softmax")])


def convnet():
    return Sequential([
        Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2), layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2), layers.Flatten(), layers.Dropout(0.5), layers.Dense(10, "softmax"),
    ])


def residual():
    inputs = Input((16, 16, 3), name="img")
    x = layers.Conv2D(8, 3, activation="relu")(inputs)
    block = layers.MaxPooling2D(3)(x)
    for _ in range(2):
        x = layers.Conv2D(8, 3, activation="relu", padding="same")(block)
        x = layers.Conv2D(8, 3, activation="relu", padding="same")(x)
        block = layers.add([x, block])
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, activation="relu")(block))
    return Model(inputs, layers.Dense(10)(layers.Dropout(0.5)(layers.Dense(32, "relu")(x))), name="toy_resnet")


def batch_normalized_resnet():
    def block(x, filters, strides):
        shortcut = layers.BatchNormalization()(layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x))
        x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(x))
        return layers.ReLU()(layers.Add()([x, shortcut]))

    inputs = Input((16, 16, 3))
    x = layers.ZeroPadding2D(1)(layers.Rescaling(1 / 255)(inputs))
    x = block(block(x, 8, 1), 16, 2)
    return Model(inputs, layers.Dense(5, "softmax")(layers.GlobalAveragePooling2D()(x)))


def sentiment():
    return Sequential([Input((20,)), layers.Embedding(50, 8), layers.Bidirectional(layers.LSTM(6, return_sequences=True)), layers.Bidirectional(layers.LSTM(4)), layers.Dense(1, "sigmoid")])


def text_convnet():
    inputs = Input((30,))
    x = layers.Dropout(0.5)(layers.Embedding(40, 16)(inputs))
    x = layers.Conv1D(8, 7, padding="valid", activation="relu", strides=3)(x)
    x = layers.GlobalMaxPooling1D()(layers.Conv1D(8, 3, activation="relu")(x))
    return Model(inputs, layers.Dense(1, "sigmoid", name="predictions")(x))


def tickets():
    title, body, tags = Input((10,), name="title"), Input((15,), name="body"), Input((12,), name="tags")
    x = layers.concatenate([layers.LSTM(8)(layers.Embedding(50, 6)(title)), layers.LSTM(4)(layers.Embedding(50, 6)(body)), tags])
    return Model({"title": title, "body": body, "tags": tags}, {"priority": layers.Dense(1, name="priority")(x), "department": layers.Dense(4, name="department")(x)})


def encoder():
    return Model(inputs := Input((12, 12, 1), name="img"), layers.GlobalMaxPooling2D()(layers.Conv2D(8, 3, activation="relu")(layers.MaxPooling2D(2)(layers.Conv2D(4, 3, activation="relu")(inputs)))), name="encoder")


def autoencoder():
    code = Input((8,), name="code")
    x = layers.Reshape((4, 4, 1))(layers.Dense(16, "relu")(code))
    x = layers.Conv2DTranspose(1, 3, activation="relu")(layers.UpSampling2D(2)(layers.Conv2DTranspose(4, 3, activation="relu", padding="same")(x)))
    decoder = Model(code, x, name="decoder")
    inputs = Input((12, 12, 1))
    return Model(inputs, decoder(encoder()(inputs)), name="autoencoder")


def ensemble():
    def member(i):
        return Model(inputs := Input((32,)), layers.Dense(1)(inputs), name=f"member_{i}")

    inputs = Input((32,))
    return Model(inputs, layers.average([member(i)(inputs) for i in range(3)]), name="ensemble")


def siamese_tower():
    tower = Sequential([Input((10,)), layers.Dense(16, "relu"), layers.BatchNormalization(), layers.Dense(8)], name="tower")
    a, b = Input((10,), name="a"), Input((10,), name="b")
    return Model([a, b], layers.Dot(axes=1, normalize=True)([tower(a), tower(b)]), name="siamese_cosine")


def shared_embedding():
    embedding = layers.Embedding(100, 8)
    a, b = Input((6,), name="question"), Input((9,), name="answer")
    pooled = layers.GlobalAveragePooling1D(name="pooled")
    x = layers.concatenate([pooled(embedding(a)), pooled(embedding(b))])
    return Model([a, b], layers.Dense(1, "sigmoid")(x))


def shared_lstm():
    lstm = layers.LSTM(7, return_sequences=False)
    a, b = Input((8, 5), name="tweet_a"), Input((8, 5), name="tweet_b")
    return Model([a, b], layers.Dense(1, "sigmoid")(layers.concatenate([lstm(a), lstm(b)])))


def shared_in_depth():
    x = Input((6,))
    step = layers.Dense(6, "tanh", name="step")
    y = x
    for _ in range(4):
        y = step(y)
    return Model(x, layers.Dense(2)(layers.Add()([x, y])))


def frozen_base():
    base = Sequential([Input((16, 16, 3)), layers.Conv2D(6, 3, activation="relu"), layers.BatchNormalization(), layers.MaxPooling2D()], name="base")
    base.trainable = False
    inputs = Input((16, 16, 3))
    x = layers.GlobalAveragePooling2D()(base(inputs, training=False))
    return Model(inputs, layers.Dense(1)(layers.Dropout(0.2)(x)), name="fine_tuning")


def sequential_of_models():
    body = Sequential([Sequential([layers.Conv1D(4, 3, activation="relu"), layers.MaxPooling1D(2)]), layers.Flatten()])
    return Sequential([Input((12, 3)), body, Sequential([layers.Dense(5, "elu"), layers.Dense(2, "softmax")])])


def variational_encoder():
    inputs = Input((20,))
    h = layers.Dense(10, "relu")(inputs)
    inner = Model(inputs, [layers.Dense(2, name="z_mean")(h), layers.Dense(2, name="z_log_var")(h)], name="encoder")
    x = Input((20,), name="x")
    mean, log_var = inner(x)
    return Model(x, layers.Dense(20, "sigmoid")(layers.concatenate([mean, log_var])))


def forecaster():
    inputs = Input((24, 3))
    x = layers.GRU(8, return_sequences=True)(inputs)
    x = layers.TimeDistributed(layers.Dense(4, "relu"))(x)
    return Model(inputs, layers.Dense(6)(layers.GRU(5, reset_after=False)(x)))


def mobile():
    inputs = Input((16, 16, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(inputs)
    for filters, strides in ((8, 1), (16, 2)):
        x = layers.ReLU(6.0)(layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same", strides=strides, use_bias=False)(x)))
        x = layers.ReLU(6.0)(layers.BatchNormalization()(layers.Conv2D(filters, 1, padding="same", use_bias=False)(x)))
    return Model(inputs, layers.Dense(3, "softmax")(layers.Dropout(0.001)(layers.GlobalAveragePooling2D(keepdims=False)(x))))


def separable():
    return Sequential([
        Input((12, 12, 2)), layers.SeparableConv2D(6, 3, activation="relu", padding="same"), layers.LayerNormalization(), layers.AveragePooling2D(2),
        layers.Permute((2, 1, 3)), layers.Cropping2D(1), layers.PReLU(shared_axes=[1, 2]), layers.Flatten(), layers.LeakyReLU(0.1), layers.Dense(3, "softmax"),
    ])


MODELS = [
    mlp, convnet, residual, batch_normalized_resnet, sentiment, text_convnet, tickets, encoder, autoencoder, ensemble, siamese_tower,
    shared_embedding, shared_lstm, shared_in_depth, frozen_base, sequential_of_models, variational_encoder, forecaster, mobile, separable,
]

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
cases = {}
for make in MODELS:
    name = make.__name__
    keras.utils.set_random_seed(len(name))
    model = make()
    for weight in model.weights:
        if any(part in weight.path for part in ("moving", "beta", "bias")):
            weight.assign(weight + 0.5)
    if len(model.outputs) == 1:
        model.compile("adam", "mse", metrics=["mae"])
    model.save(f"{folder}/{name}.keras")
    model.save(f"{folder}/{name}.h5")
    # Whole numbers, which embeddings look up.
    x = [golden.random(name, i).integers(0, 10, (3, *tensor.shape[1:])).astype("float32") for i, tensor in enumerate(model.inputs)]
    outputs = keras.tree.flatten(keras.Model(model.inputs, model.outputs)(x))
    cases[name] = {"inputs": [golden.flat(value) for value in x], "outputs": [golden.flat(np.asarray(value)) for value in outputs]}
with open(f"{folder}/cases.json", "w") as file:
    json.dump(cases, file)
