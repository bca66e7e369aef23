"""Golden numbers for recurrent and wrapper layers, made by Keras 3.15 on TensorFlow: python recurrent.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
import tensorflow as tf

CLASSES = {
    "batch_normalization": keras.layers.BatchNormalization,
    "bidirectional": keras.layers.Bidirectional,
    "dense": keras.layers.Dense,
    "gru": keras.layers.GRU,
    "lstm": keras.layers.LSTM,
    "masking": keras.layers.Masking,
    "simple_rnn": keras.layers.SimpleRNN,
    "time_distributed": keras.layers.TimeDistributed,
}
WRAPPED = ("layer", "backward_layer")
MASK = {"type": "masking"}


def build(config):
    """A Keras layer from a config of ours."""
    options = {key: build(value) if key in WRAPPED else value for key, value in config.items() if key != "type"}
    return CLASSES[config["type"]](**options)


def rnn(kind, **options):
    return {"type": kind, "units": 3, **options}


def wrap(kind, layer, **options):
    return {"type": kind, "layer": layer, **options}


CASES = {}
KINDS = {
    "simple_rnn": ("simple_rnn", {}),
    "lstm": ("lstm", {}),
    "gru": ("gru", {}),
    "gru resetting before": ("gru", {"reset_after": False}),
}
for name, (kind, options) in KINDS.items():
    CASES[name] = [rnn(kind, **options)]
    CASES[f"{name}, sequences"] = [rnn(kind, return_sequences=True, **options)]
    CASES[f"{name}, backwards"] = [rnn(kind, go_backwards=True, **options)]
    CASES[f"{name}, sequences backwards"] = [rnn(kind, go_backwards=True, return_sequences=True, **options)]
    CASES[f"{name}, masked"] = [MASK, rnn(kind, **options)]
    CASES[f"{name}, masked sequences"] = [MASK, rnn(kind, return_sequences=True, **options)]
    CASES[f"{name}, masked backwards"] = [MASK, rnn(kind, go_backwards=True, return_sequences=True, **options)]
    CASES[f"{name}, masked with zeros"] = [
        MASK, rnn(kind, return_sequences=True, zero_output_for_mask=True, **options)]
    CASES[f"{name}, masked with zeros, last"] = [MASK, rnn(kind, zero_output_for_mask=True, **options)]
    CASES[f"{name}, no bias"] = [rnn(kind, use_bias=False, **options)]
    CASES[f"{name}, stacked"] = [
        MASK, rnn(kind, return_sequences=True, **options), {**rnn(kind, **options), "units": 2}]
CASES["simple_rnn, other activation"] = [rnn("simple_rnn", activation="sigmoid")]
CASES["lstm, other activations"] = [rnn("lstm", activation="softsign", recurrent_activation="tanh")]
CASES["gru, other activations"] = [rnn("gru", activation="sigmoid", recurrent_activation="softplus")]
CASES["lstm, no unit_forget_bias"] = [rnn("lstm", unit_forget_bias=False)]
for mode in ("concat", "sum", "mul", "ave"):
    for sequences in (False, True):
        layers = [wrap("bidirectional", rnn("lstm", return_sequences=sequences), merge_mode=mode)]
        CASES[f"bidirectional lstm, {mode}{', sequences' if sequences else ''}"] = layers
        if mode in ("concat", "mul"):
            CASES[f"masked bidirectional lstm, {mode}{', sequences' if sequences else ''}"] = [MASK, *layers]
CASES["bidirectional simple_rnn"] = [wrap("bidirectional", rnn("simple_rnn"))]
CASES["bidirectional gru, stacked"] = [
    MASK,
    wrap("bidirectional", rnn("gru", return_sequences=True)),
    wrap("bidirectional", rnn("gru", reset_after=False, units=2)),
]
CASES["bidirectional, two layers"] = [
    wrap("bidirectional", rnn("lstm"), backward_layer=rnn("gru", go_backwards=True, units=2))]
CASES["time_distributed dense"] = [wrap("time_distributed", rnn("dense", activation="tanh"))]
CASES["masked time_distributed dense"] = [
    MASK, wrap("time_distributed", rnn("dense", activation="tanh")), rnn("lstm")]
CASES["masking, other value"] = [{"type": "masking", "mask_value": -1.5}, rnn("lstm")]
CASES["time_distributed lstm"] = [wrap("time_distributed", rnn("lstm", return_sequences=True))]
CASES["time_distributed time_distributed dense"] = [wrap("time_distributed", wrap("time_distributed", rnn("dense")))]
CASES["time_distributed bidirectional gru"] = [
    wrap("time_distributed", wrap("bidirectional", rnn("gru", reset_after=False)))]

DEEP = {"time_distributed bidirectional gru", "time_distributed lstm", "time_distributed time_distributed dense"}
BATCH, STEPS, FEATURES = 3, 4, 2


def example(name, configs, training=False):
    random = golden.random(name, training)
    shape = (2, STEPS, FEATURES) if name in DEEP else (STEPS, FEATURES)
    x = random.normal(size=(BATCH, *shape))
    if configs[0]["type"] == "masking":
        # The first row skips its first step and a step inside, the second its last two, the third none.
        for row, step in ((0, 0), (0, 2), (1, 2), (1, 3)):
            x[row, step] = configs[0].get("mask_value", 0)
        x[2, 1, 0] = configs[0].get("mask_value", 0)
    x = tf.constant(x, "float32")
    model = keras.Sequential([keras.Input(shape), *[build(config) for config in configs]])
    model.set_weights([random.normal(size=w.shape) * 0.6 for w in model.weights])
    start = [tf.identity(w.value) for w in model.weights]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x, training=training)
        dy = tf.constant(random.normal(size=y.shape), "float32")
        total = tf.reduce_sum(y * dy)
    dx, gradients = tape.gradient(total, (x, model.trainable_variables))
    slopes = {id(w): golden.plain(tf.reshape(g, [-1])) for w, g in zip(model.trainable_variables, gradients)}
    weights = [
        {"name": w.path.split("/")[-1], **golden.flat(first), "gradient": slopes.get(id(w))}
        for w, first in zip(model.weights, start)
    ]
    if training:
        for record, w in zip(weights, model.weights):
            record["after"] = golden.plain(tf.reshape(w.value, [-1]))
    tensors = {"x": x, "y": y, "dy": dy, "dx": dx}
    return {
        "name": name,
        "layers": configs,
        **{key: golden.flat(tensor) for key, tensor in tensors.items()},
        "weights": weights,
    }


def dropped(config):
    """A layer in training, with all the uniform numbers that its dropout drew, in their order."""
    random = golden.random(config)
    uniforms = []

    def dropout(inputs, rate, noise_shape=None, seed=None):
        uniforms.append(tf.constant(random.uniform(size=inputs.shape), "float32"))
        return tf.where(uniforms[-1] >= rate, inputs / (1 - rate), 0)

    x = tf.constant(random.normal(size=(BATCH, STEPS, FEATURES)), "float32")
    layer = build(config)
    layer.build(x.shape)
    layer.set_weights([random.normal(size=w.shape) * 0.6 for w in layer.weights])
    original, keras.src.backend.random.dropout = keras.src.backend.random.dropout, dropout
    y = layer(x, training=True)
    keras.src.backend.random.dropout = original
    return {
        "layer": config,
        "x": golden.flat(x),
        "y": golden.flat(y),
        "uniforms": [golden.flat(u) for u in uniforms],
        "weights": [golden.flat(w.value) for w in layer.weights],
    }


DROPPED = [
    rnn(kind, **rates, **options)
    for kind, options in KINDS.values()
    for rates in ({"dropout": 0.5}, {"recurrent_dropout": 0.4}, {"dropout": 0.5, "recurrent_dropout": 0.3})
]


normalized = wrap("time_distributed", {"type": "batch_normalization", "momentum": 0.7})
TRAINED = {"time_distributed batch_normalization": [normalized], "masked": [MASK, normalized]}


# What Keras takes beside: states that outlive a batch or leave the layer, ways to compute, and seeds of its own.
LEFT_OUT = {"return_state", "stateful", "unroll", "use_cudnn", "seed", "weights"}


def defaults(function):
    return {key: value for key, value in golden.defaults(function).items() if key not in LEFT_OUT}


def initial_lstm_bias():
    """What unit_forget_bias makes of an initializer that shows where it was called."""
    layer = keras.layers.LSTM(2, bias_initializer=lambda shape, dtype=None: tf.fill(shape, float(shape[0])))
    layer.build((None, STEPS, FEATURES))
    return golden.plain(layer.cell.bias.value)


golden.write(
    __file__,
    {
        "keras": keras.__version__,
        "defaults": {kind: defaults(CLASSES[kind]) for kind in sorted(CLASSES) if kind not in ("batch_normalization", "dense")},
        "lstm_bias": initial_lstm_bias(),
        "cases": [example(name, configs) for name, configs in CASES.items()],
        "trained": [example(name, configs, training=True) for name, configs in TRAINED.items()],
        "dropped": [dropped(config) for config in DROPPED],
    },
)
