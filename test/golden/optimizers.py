"""Golden trajectories of 20 updates for every optimizer, made by Keras 3.15 on TensorFlow: python optimizers.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np

STEPS = 20
random = np.random.default_rng(11)
START = {"kernel": random.normal(size=(3, 2)).astype("float32"), "bias": np.array([0, 0.5], "float32")}
GRADIENTS = [
    {name: (random.normal(size=value.shape) * random.choice([0.01, 1, 5])).astype("float32") for name, value in START.items()}
    for _ in range(STEPS)
]
GRADIENTS[3]["kernel"][:] = 0
for gradient in GRADIENTS:
    gradient["kernel"][2, 1] = 0

COMMON = [
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"clipvalue": 0.3},
    {"global_clipnorm": 0.7},
    {"use_ema": True},
    {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 4, "weight_decay": 0.05},
]
SCHEDULE = {"type": "exponential_decay", "initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5}
VARIANTS = {
    "Adadelta": [{}, {"rho": 0.8, "epsilon": 1e-4, "learning_rate": 1.0}, {"weight_decay": 0.1}],
    "Adagrad": [{}, {"learning_rate": 0.1}, {"initial_accumulator_value": 0.0, "epsilon": 1e-3, "learning_rate": 0.1}],
    "Adam": [
        {},
        {"amsgrad": True, "learning_rate": 0.05},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3, "learning_rate": 0.05},
        {"learning_rate": SCHEDULE, "weight_decay": 0.1},
    ],
    "AdamW": [{}, {"learning_rate": 0.05, "weight_decay": 0.2}, {"learning_rate": 0.05, "amsgrad": True}],
    "Adamax": [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3, "learning_rate": 0.05}],
    "Lion": [{}, {"beta_1": 0.5, "beta_2": 0.9, "learning_rate": 0.05}, {"weight_decay": 0.5}],
    "Nadam": [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3, "learning_rate": 0.05}, {"learning_rate": 0.2}],
    "RMSprop": [
        {},
        {"momentum": 0.7},
        {"centered": True},
        {"rho": 0.5, "momentum": 0.3, "centered": True, "epsilon": 1e-3, "learning_rate": 0.05},
    ],
    "SGD": [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"momentum": 0.5, "learning_rate": SCHEDULE},
        *COMMON,
        {"momentum": 0.9, "use_ema": True, "constraint": {"type": "max_norm", "max_value": 0.9}, "ema_overwrite_frequency": 3},
    ],
}


def instantiate(options):
    rate = options.get("learning_rate")
    if not isinstance(rate, dict):
        return options
    schedule = keras.optimizers.schedules.ExponentialDecay(**{k: v for k, v in rate.items() if k != "type"})
    return {**options, "learning_rate": schedule}


cases, defaults = [], {}
for name, variants in VARIANTS.items():
    optimizer_class = golden.reference(keras.optimizers, name)
    if not golden.lacks(name):
        defaults[name.lower()] = golden.defaults(optimizer_class)
    for options in variants:
        given = {k: v for k, v in options.items() if k != "constraint"}
        optimizer = optimizer_class(**instantiate(given))
        variables = {key: keras.Variable(value) for key, value in START.items()}
        if "constraint" in options:
            variables["kernel"].constraint = keras.constraints.MaxNorm(options["constraint"]["max_value"])
        trajectory = []
        for gradient in GRADIENTS:
            optimizer.apply([keras.ops.convert_to_tensor(gradient[key]) for key in variables], list(variables.values()))
            trajectory.append({key: golden.plain(variable.numpy().reshape(-1)) for key, variable in variables.items()})
        optimizer.finalize_variable_values(list(variables.values()))
        end = {key: golden.plain(variable.numpy().reshape(-1)) for key, variable in variables.items()}
        cases.append({"type": name.lower(), "options": given, "constraint": options.get("constraint"), "trajectory": trajectory, "end": end})

start = {key: golden.flat(value) for key, value in START.items()}
gradients = [{key: golden.plain(value.reshape(-1)) for key, value in gradient.items()} for gradient in GRADIENTS]
golden.write(
    __file__, {"keras": keras.__version__, "defaults": defaults, "start": start, "gradients": gradients, "cases": cases}
)
