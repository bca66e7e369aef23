"""Nets of one shape under jax.vmap, for bench/members.ts: prints the steps a second of each round.

Arguments: members, epochs, rounds, rows, features, units, classes, batch.
"""

import sys
import time

import jax
import jax.numpy as jnp
from jax import lax

members, epochs, rounds, rows, features, units, classes, batch = map(int, sys.argv[1:])
steps = rows // batch
x = jax.random.uniform(jax.random.key(1), (rows, features))
y = jax.random.randint(jax.random.key(2), (rows,), 0, classes)


def initial(key):
    first, second = jax.random.split(key)
    weights = lambda draw, a, b: jax.random.uniform(draw, (a, b), minval=-1, maxval=1) * (6 / (a + b)) ** 0.5
    parameters = (weights(first, features, units), jnp.zeros(units), weights(second, units, classes), jnp.zeros(classes))
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return parameters, zeros, zeros, jnp.float32(0), key


def loss_of(parameters, xs, ys, key):
    w1, b1, w2, b2 = parameters
    hidden = jax.nn.relu(xs @ w1 + b1)
    hidden = jnp.where(jax.random.bernoulli(key, 0.8, hidden.shape), hidden / 0.8, 0)
    z = hidden @ w2 + b2
    loss = -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), ys[:, None], 1))
    return loss, jnp.mean(z.argmax(1) == ys)


def step(state, order):
    parameters, m, v, count, key = state
    key, draw = jax.random.split(key)
    (loss, accuracy), gradients = jax.value_and_grad(loss_of, has_aux=True)(parameters, x[order], y[order], draw)
    count = count + 1
    m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, gradients)
    v = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, v, gradients)
    scale = 0.001 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    parameters = jax.tree.map(lambda p, a, b: p - scale * a / (jnp.sqrt(b) + 1e-7), parameters, m, v)
    return (parameters, m, v, count, key), (loss, accuracy)


def epoch(state, key):
    order = jax.random.permutation(key, rows)[: steps * batch].reshape(steps, batch)
    return lax.scan(step, state, order)


@jax.jit
def train(state, keys):
    return lax.scan(lambda state, key: jax.vmap(epoch)(state, jax.random.split(key, members)), state, keys)


states = jax.vmap(initial)(jax.random.split(jax.random.key(0), members))
keys = jax.random.split(jax.random.key(3), epochs)
jax.block_until_ready(train(states, keys))
rates = []
for _ in range(rounds):
    started = time.perf_counter()
    jax.block_until_ready(train(states, keys))
    rates.append(members * epochs * steps / (time.perf_counter() - started))
print(*(round(rate) for rate in rates))
