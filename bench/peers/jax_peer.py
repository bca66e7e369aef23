"""Hand-written JAX: one jitted scan over the batches of an epoch, optimizer included."""

import functools

import common
import jax
import jax.numpy as jnp
from jax import lax

ACTIVATIONS = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}


def initial(network):
    key = jax.random.key(0)
    shape = list(network["input"])
    parameters = []
    for config in network["layers"]:
        key, draw = jax.random.split(key)
        kind = config["type"]
        if kind == "dense":
            units = config["units"]
            limit = (6 / (shape[-1] + units)) ** 0.5
            parameters.append((jax.random.uniform(draw, (shape[-1], units), minval=-limit, maxval=limit), jnp.zeros(units)))
            shape = [*shape[:-1], units]
        elif kind == "conv2d":
            size, filters = config["kernel_size"], config["filters"]
            kernel = jax.random.normal(draw, (size, size, shape[2], filters)) * 0.05
            parameters.append((kernel, jnp.zeros(filters)))
            shape = [shape[0] - size + 1, shape[1] - size + 1, filters]
        elif kind == "embedding":
            parameters.append(jax.random.uniform(draw, (config["input_dim"], config["output_dim"])) * 0.1 - 0.05)
            shape = [*shape, config["output_dim"]]
        elif kind == "batch_normalization":
            parameters.append((jnp.ones(shape[-1]), jnp.zeros(shape[-1])))
        else:
            parameters.append(())
            if kind == "max_pooling2d":
                shape = [shape[0] // 2, shape[1] // 2, shape[2]]
            elif kind == "flatten":
                shape = [shape[0] * shape[1] * shape[2]]
            elif kind == "global_average_pooling1d":
                shape = shape[1:]
    return parameters


def logits(network, parameters, x, key):
    layers = network["layers"]
    for config, weights in zip(layers, parameters):
        kind = config["type"]
        if kind == "dense":
            x = x @ weights[0] + weights[1]
        elif kind == "conv2d":
            x = lax.conv_general_dilated(x, weights[0], (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")) + weights[1]
        elif kind == "max_pooling2d":
            x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        elif kind == "flatten":
            x = x.reshape(len(x), -1)
        elif kind == "embedding":
            x = weights[x]
        elif kind == "global_average_pooling1d":
            x = x.mean(1)
        elif kind == "batch_normalization":
            x = (x - x.mean(0)) * lax.rsqrt(x.var(0) + 1e-3) * weights[0] + weights[1]
        elif kind == "relu":
            x = jax.nn.relu(x)
        elif kind == "dropout":
            key, draw = jax.random.split(key)
            kept = 1 - config["rate"]
            x = jnp.where(jax.random.bernoulli(draw, kept, x.shape), x / kept, 0)
        if config.get("activation") in ACTIVATIONS and config is not layers[-1]:
            x = ACTIVATIONS[config["activation"]](x)
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
