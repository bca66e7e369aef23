"""Golden folds of whole groups that keep the classes' proportions, made by scikit-learn 1.9: python splits.py"""

import warnings

import golden
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

warnings.filterwarnings("ignore")  # A class with fewer rows than folds is a case, too.


def case(seed):
    """Groups as their counts of each class; how alike groups are, and how equal classes and groups, is drawn as well."""
    random = np.random.default_rng(seed)
    folds, groups, classes = random.integers([2, 15, 2], [11, 80, 7])
    spread, evenness, likeness = random.uniform(0.1, 1.2), random.choice([0.5, 1, 5]), random.choice([0.05, 0.5, 3, 50])
    sizes = np.ceil(random.lognormal(random.uniform(0.5, 2.5), spread, groups)).astype(int)
    shares = random.dirichlet(np.full(classes, evenness))
    counts = np.array([random.multinomial(size, random.dirichlet(shares * likeness * classes + 1e-3)) for size in sizes])
    counts = counts[:, counts.sum(0) > 0]
    owner = np.repeat(np.arange(groups), counts.sum(1))
    label = np.concatenate([np.repeat(np.arange(len(row)), row) for row in counts])
    splits = StratifiedGroupKFold(int(folds)).split(label, label, owner)
    kept = [np.bincount(label[rows], minlength=counts.shape[1]) for _, rows in splits]
    return {"groups": counts, "folds": np.array(kept)}


golden.write(__file__, {"cases": [case(seed) for seed in range(24)]})
