"""What the Python peers share: the rows, and the conversation with bench/run.js over stdin and stdout.

Each line on stdin is {"network": {...}, "seconds": s}; the answer is {"ms": per step, "setting": ..., "memory": bytes}.
"""

import json
import os
import resource
import sys
import time

import numpy as np


def rows_of(network):
    """Random rows of the network's shape, the same for every peer in size and type."""
    random = np.random.default_rng(1)
    shape = (network["rows"], *network["input"])
    if "tokens" in network:
        x = random.integers(0, network["tokens"], shape).astype("int32")
    elif network.get("pixels"):
        x = random.integers(0, 256, shape).astype("float32") / 255
    else:
        x = random.random(shape, dtype="float32")
    y = random.integers(0, network["classes"], network["rows"]).astype("int32")
    return x, y


def epochs_in_a_call(steps, run):
    """How many epochs of so many steps `run(epochs)` has to run at once for its own cost not to count.

    That is a thousand steps, or a second where this takes longer.
    """
    most, epochs = max(1, 1000 // steps), 1
    while epochs < most:
        run(epochs)
        started = time.perf_counter()
        run(epochs)
        if time.perf_counter() - started >= 1:
            break
        epochs = min(4 * epochs, most)
    return epochs


def rate(run, steps, seconds):
    """Milliseconds a step of `run(steps)`, over about so many seconds after a warm-up."""
    run(steps)
    started = time.perf_counter()
    done = 0
    while time.perf_counter() - started < seconds:
        run(steps)
        done += steps
    return (time.perf_counter() - started) * 1000 / done


def fastest(candidates):
    """The setting with the shortest step; one that does not work here is left out, unless none does."""
    measured, failed = [], None
    for setting, run, steps in candidates:
        try:
            measured.append((rate(run, steps, 0.3), setting, run, steps))
        except Exception as error:
            failed = error
    if not measured:
        raise failed
    return min(measured, key=lambda candidate: candidate[0])[1:]


def converse(prepare):
    """`prepare(network)` yields the peer's settings, each a name, a function `run(steps)` and how many steps a call takes at least."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Whatever libraries print goes to stderr.
    prepared = {}
    for line in sys.stdin:
        request = json.loads(line)
        network = request["network"]
        try:
            name = network["name"]
            if name not in prepared:
                prepared[name] = fastest(prepare(network))
            setting, run, steps = prepared[name]
            answer = {
                "ms": rate(run, steps, request["seconds"]),
                "setting": setting,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        except Exception as error:  # The row says why the peer has no number.
            answer = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
        out.write(json.dumps(answer) + "\n")
        out.flush()
