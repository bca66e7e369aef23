"""Golden numbers for recurrent layers over long sequences, made by Keras 3.15 on TensorFlow: python long_sequences.py

Inputs and weights are waves that both sides compute, so that the file holds results alone.
"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
import tensorflow as tf

BATCH, STEPS, FEATURES, UNITS = 2, 400, 2, 3

CASES = {
    "simple_rnn, backwards": [keras.layers.SimpleRNN(UNITS, go_backwards=True)],
    "lstm, masked": [keras.layers.Masking(), keras.layers.LSTM(UNITS)],
    "gru, sequences": [keras.layers.GRU(UNITS, return_sequences=True), keras.layers.GlobalAveragePooling1D()],
    "bidirectional lstm, masked, stacked": [
        keras.layers.Masking(),
        keras.layers.Bidirectional(keras.layers.LSTM(UNITS, return_sequences=True)),
        keras.layers.GRU(UNITS),
    ],
}


def wave(shape, frequency, phase):
    return np.sin(frequency * np.arange(np.prod(shape)) + phase).astype("float32").reshape(shape)


def example(layers):
    x = 1.5 * wave((BATCH, STEPS, FEATURES), 1.7, 0.3)
    for row in range(BATCH):
        x[row, row + 2 :: 5] = 0
    model = keras.Sequential([keras.Input((STEPS, FEATURES)), *layers])
    model.set_weights([0.5 * wave(w.shape, 2.3, i) for i, w in enumerate(model.weights)])
    with tf.GradientTape() as tape:
        y = model(tf.constant(x))
        total = tf.reduce_sum(y * wave(y.shape, 1.1, 1))
    gradients = tape.gradient(total, model.trainable_variables)
    return {"y": golden.plain(tf.reshape(y, [-1])), "gradients": [golden.plain(tf.reshape(g, [-1])) for g in gradients]}


if __name__ == "__main__":
    golden.write(__file__, {name: example(layers) for name, layers in CASES.items()})
