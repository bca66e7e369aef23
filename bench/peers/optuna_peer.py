"""Regrets of Optuna's TPESampler on the functions of bench/public-functions.ts, as JSON: python optuna_peer.py SEEDS TRIALS"""

import json
import sys

import numpy as np
import optuna

optuna.logging.set_verbosity(optuna.logging.WARNING)
PI = np.pi


def levy(x):
    w = 1 + (x - 1) / 4
    middle = np.sum((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(PI * w[:-1] + 1) ** 2))
    return np.sin(PI * w[0]) ** 2 + middle + (w[-1] - 1) ** 2 * (1 + np.sin(2 * PI * w[-1]) ** 2)


def ackley(x):
    return -20 * np.exp(-0.2 * np.sqrt(np.mean(x**2))) - np.exp(np.mean(np.cos(2 * PI * x))) + 20 + np.e


FUNCTIONS = {
    "sphere": ([(-5, 5)] * 4, 0, lambda x: np.sum(x**2)),
    "rosenbrock": ([(-2, 2)] * 2, 0, lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)),
    "branin": (
        [(-5, 10), (0, 15)],
        0.397887357729739,
        lambda x: (x[1] - 5.1 * x[0] ** 2 / (4 * PI**2) + 5 * x[0] / PI - 6) ** 2
        + 10 * (1 - 1 / (8 * PI)) * np.cos(x[0])
        + 10,
    ),
    "six-hump camel": (
        [(-3, 3), (-2, 2)],
        -1.031628453489877,
        lambda x: (4 - 2.1 * x[0] ** 2 + x[0] ** 4 / 3) * x[0] ** 2 + x[0] * x[1] + (-4 + 4 * x[1] ** 2) * x[1] ** 2,
    ),
    "ackley": ([(-32.768, 32.768)] * 3, 0, ackley),
    "rastrigin": ([(-5.12, 5.12)] * 3, 0, lambda x: 10 * len(x) + np.sum(x**2 - 10 * np.cos(2 * PI * x))),
    "griewank": (
        [(-600, 600)] * 3,
        0,
        lambda x: np.sum(x**2 / 4000) - np.prod(np.cos(x / np.sqrt(np.arange(1, len(x) + 1)))) + 1,
    ),
    "styblinski-tang": ([(-5, 5)] * 3, -39.16616570377142 * 3, lambda x: np.sum(x**4 - 16 * x**2 + 5 * x) / 2),
    "levy": ([(-10, 10)] * 3, 0, levy),
    "schwefel": (
        [(-500, 500)] * 2,
        0,
        lambda x: 418.9828872724338 * len(x) - np.sum(x * np.sin(np.sqrt(np.abs(x)))),
    ),
}


def regret(ranges, least, function, seed, trials):
    def objective(trial):
        return function(np.array([trial.suggest_float(f"x{i}", *ends) for i, ends in enumerate(ranges)]))

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=trials)
    return study.best_value - least


seeds, trials = int(sys.argv[1]), int(sys.argv[2])
regrets = {name: [regret(*one, seed, trials) for seed in range(seeds)] for name, one in FUNCTIONS.items()}
print(json.dumps({"optuna": optuna.__version__, "trials": trials, "regrets": regrets}))
