"""Optuna's TPESampler on the sweeps of bench/sweeps.ts: python optuna_sweeps.py PARAMETERS SEEDS TRIALS

Prints the values of each trial as a line of JSON, and reads its loss from a line of standard input.
"""

import json
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.WARNING)


def suggest(trial, name, values=None, min=None, max=None, distribution=None):
    if values is not None:
        return trial.suggest_categorical(name, values)
    if isinstance(min, int) and isinstance(max, int):
        return trial.suggest_int(name, min, max)
    return trial.suggest_float(name, min, max, log=distribution == "log_uniform_values")


parameters, seeds, trials = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for seed in range(seeds):
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    for _ in range(trials):
        trial = study.ask()
        print(json.dumps({name: suggest(trial, name, **one) for name, one in parameters.items()}), flush=True)
        study.tell(trial, float(sys.stdin.readline()))
