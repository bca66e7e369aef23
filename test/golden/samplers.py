"""Golden numbers of the samplers: scipy's Sobol sequence and the densities of Optuna's Parzen estimator.

Needs scipy 1.17 and optuna 5.0: pip install scipy optuna
"""

import json
from pathlib import Path

import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights
from scipy.stats.qmc import Sobol

SPACE = {
    "x": FloatDistribution(-2.0, 3.0),
    "n": IntDistribution(1, 201, step=2),
    "c": CategoricalDistribution(["a", "b", "c"]),
}
PARAMETERS = _ParzenEstimatorParameters(
    prior_weight=1.0,
    consider_magic_clip=True,
    consider_endpoints=False,
    weights=default_weights,
    multivariate=True,
)


def points(rng, count):
    return {
        "x": rng.uniform(-2, 3, count),
        "n": rng.permutation(101)[:count] * 2.0 + 1,  # Without ties, whose order is not defined.
        "c": rng.integers(0, 3, count).astype(float),
    }


def rows(columns):
    return [[float(v) for v in row] for row in zip(*columns.values())]


def parzen(count):
    rng = np.random.default_rng(count)
    observed, asked = points(rng, count), points(rng, 8)
    estimator = _ParzenEstimator(observed, SPACE, PARAMETERS)
    return {"observed": rows(observed), "points": rows(asked), "log_pdf": estimator.log_pdf(asked).tolist()}


golden = {
    "sobol": Sobol(21, scramble=False).random(32).tolist(),
    "parzen": [parzen(count) for count in (0, 1, 2, 7, 26, 40)],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
