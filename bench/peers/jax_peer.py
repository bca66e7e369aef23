"""Hand-written JAX: one jitted scan over the batches of an epoch, optimizer included."""

import functools
import math

import common
import jax
import jax.numpy as jnp
from jax import lax

ACTIVATIONS = {
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "gelu": functools.partial(jax.nn.gelu, approximate=False),
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
}
GATES = {"lstm": 4, "gru": 3, "simple_rnn": 1}
PLACES = {1: "W", 2: "HW"}


def each(value, count):
    return tuple(value) if isinstance(value, list) else (value,) * count


def rank_of(config):
    return int(config["type"][-2])


def uniform(key, shape, inputs, outputs):
    limit = (6 / (inputs + outputs)) ** 0.5
    return jax.random.uniform(key, shape, minval=-limit, maxval=limit)


def weights_of(config, shape, key):
    kind = config["type"]
    channels = shape[-1]
    if kind == "dense":
        units = config["units"]
        return uniform(key, (channels, units), channels, units), jnp.zeros(units)
    if kind == "bidirectional":
        return tuple(weights_of(config["layer"], shape, half) for half in jax.random.split(key))
    if kind in GATES:
        units = config["units"]
        width = GATES[kind] * units
        first, second = jax.random.split(key)
        # The gated recurrent unit of Keras has a bias of its own for the recurrent product.
        return (
            uniform(first, (channels, width), channels, width),
            uniform(second, (units, width), units, width),
            jnp.zeros(width),
            jnp.zeros(width),
        )
    if kind == "embedding":
        return jax.random.uniform(key, (config["input_dim"], config["output_dim"])) * 0.1 - 0.05
    if kind in ("batch_normalization", "layer_normalization"):
        return jnp.ones(channels), jnp.zeros(channels)
    if "conv" in kind:
        size = each(config["kernel_size"], rank_of(config))
        depth = channels * config.get("depth_multiplier", 1)
        first, second = jax.random.split(key)
        if kind.startswith("depthwise"):
            return jax.random.normal(first, (*size, 1, depth)) * 0.05, jnp.zeros(depth)
        filters = config["filters"]
        if kind.startswith("separable"):
            return (
                jax.random.normal(first, (*size, 1, depth)) * 0.05,
                jax.random.normal(second, (*(1 for _ in size), depth, filters)) * 0.05,
                jnp.zeros(filters),
            )
        return jax.random.normal(first, (*size, channels, filters)) * 0.05, jnp.zeros(filters)
    return ()


def convolved(x, kernel, config, strides, groups=1):
    places = PLACES[rank_of(config)]
    padding = config.get("padding", "valid").upper()
    numbers = (f"N{places}C", f"{places}IO", f"N{places}C")
    return lax.conv_general_dilated(x, kernel, strides, padding, dimension_numbers=numbers, feature_group_count=groups)


def pooled(x, config):
    rank = rank_of(config)
    window = (1, *each(config.get("pool_size", 2), rank), 1)
    if config["type"].startswith("max"):
        return lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")
    return lax.reduce_window(x, 0.0, lax.add, window, window, "VALID") / math.prod(window)


def recurrent(config, weights, x):
    kind, units = config["type"], config["units"]
    kernel, recurrent_kernel, bias, recurrent_bias = weights
    projected = jnp.swapaxes(x @ kernel + bias, 0, 1)

    def step(state, given):
        if kind == "simple_rnn":
            h = jnp.tanh(given + state @ recurrent_kernel)
            return h, h
        if kind == "gru":
            inner = state @ recurrent_kernel + recurrent_bias
            z, r = jnp.split(jax.nn.sigmoid(given[:, : 2 * units] + inner[:, : 2 * units]), 2, 1)
            h = z * state + (1 - z) * jnp.tanh(given[:, 2 * units :] + r * inner[:, 2 * units :])
            return h, h
        h, c = state
        i, f, g, o = jnp.split(given + h @ recurrent_kernel, 4, 1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zeros = jnp.zeros((len(x), units))
    _, outputs = lax.scan(step, (zeros, zeros) if kind == "lstm" else zeros, projected)
    return jnp.swapaxes(outputs, 0, 1) if config.get("return_sequences") else outputs[-1]


def applied(config, weights, x, key):
    kind = config["type"]
    if kind == "dense":
        return x @ weights[0] + weights[1]
    if kind == "bidirectional":
        inner = config["layer"]
        back = recurrent(inner, weights[1], x[:, ::-1])
        if inner.get("return_sequences"):
            back = back[:, ::-1]
        return jnp.concatenate([recurrent(inner, weights[0], x), back], -1)
    if kind in GATES:
        return recurrent(config, weights, x)
    if kind == "flatten":
        return x.reshape(len(x), -1)
    if kind == "embedding":
        return weights[x]
    if kind in ("batch_normalization", "layer_normalization"):
        axes = tuple(range(x.ndim - 1)) if kind == "batch_normalization" else -1
        centred = x - x.mean(axes, keepdims=True)
        return centred * lax.rsqrt(x.var(axes, keepdims=True) + 1e-3) * weights[0] + weights[1]
    if kind in ACTIVATIONS:
        return ACTIVATIONS[kind](x)
    if kind == "dropout":
        kept = 1 - config["rate"]
        return jnp.where(jax.random.bernoulli(key, kept, x.shape), x / kept, 0)
    if kind.startswith("global_"):
        places = tuple(range(1, x.ndim - 1))
        return x.mean(places) if "average" in kind else x.max(places)
    if "_pooling" in kind:
        return pooled(x, config)
    if "conv" in kind:
        strides = each(config.get("strides", 1), rank_of(config))
        if kind.startswith("depthwise"):
            return convolved(x, weights[0], config, strides, x.shape[-1]) + weights[1]
        if kind.startswith("separable"):
            deep = convolved(x, weights[0], config, strides, x.shape[-1])
            return convolved(deep, weights[1], config, each(1, rank_of(config))) + weights[2]
        return convolved(x, weights[0], config, strides) + weights[1]
    raise ValueError(f"the JAX peer has no {kind}")


def initial(network):
    key = jax.random.key(0)
    shape = tuple(network["input"])
    like = jax.ShapeDtypeStruct((1, *shape), "int32" if "tokens" in network else "float32")
    parameters = []
    for config in network["layers"]:
        key, draw = jax.random.split(key)
        weights = weights_of(config, shape, draw)
        parameters.append(weights)
        like = jax.eval_shape(functools.partial(applied, config), weights, like, draw)
        shape = like.shape[1:]
    return parameters


def logits(network, parameters, x, key):
    layers = network["layers"]
    for config, weights in zip(layers, parameters):
        key, draw = jax.random.split(key)
        x = applied(config, weights, x, draw)
        activation = config.get("activation", "linear")
        if activation != "linear" and config is not layers[-1]:
            x = ACTIVATIONS[activation](x)
    return x


def prepare(network):
    x, y = (jnp.asarray(array) for array in common.rows_of(network))
    batch, rate = network["batch"], network["optimizer"]["learning_rate"]
    steps = max(1, len(x) // batch)
    binary = network["loss"] == "binary_crossentropy"

    def loss_of(parameters, xs, ys, key):
        z = logits(network, parameters, xs, key)
        if binary:
            z, t = z[:, 0], ys.astype("float32")
            return jnp.mean(jax.nn.softplus(z) - z * t)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), ys[:, None], 1))

    def step(state, rows):
        parameters, m, v, count, key = state
        key, draw = jax.random.split(key)
        loss, gradients = jax.value_and_grad(loss_of)(parameters, x[rows], y[rows], draw)
        if network["optimizer"]["type"] == "sgd":
            parameters = jax.tree.map(lambda p, g: p - rate * g, parameters, gradients)
            return (parameters, m, v, count + 1, key), loss
        count = count + 1
        m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, gradients)
        v = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, v, gradients)
        scale = rate * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        parameters = jax.tree.map(lambda p, a, b: p - scale * a / (jnp.sqrt(b) + 1e-7), parameters, m, v)
        return (parameters, m, v, count, key), loss

    @functools.partial(jax.jit, static_argnames="times")
    def epochs(state, key, times):
        order = jax.vmap(lambda k: jax.random.permutation(k, len(x)))(jax.random.split(key, times))
        return lax.scan(step, state, order[:, : steps * batch].reshape(times * steps, batch))

    parameters = initial(network)
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    held = {"state": (parameters, zeros, zeros, jnp.float32(0), jax.random.key(1))}

    def train(times):
        held["state"], losses = epochs(held["state"], jax.random.key(2), times)
        losses.block_until_ready()

    times = common.epochs_in_a_call(steps, train)
    yield "jit + scan", lambda _steps: train(times), times * steps


common.converse(prepare)
