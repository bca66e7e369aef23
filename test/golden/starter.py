"""Golden scores of scikit-learn's logistic and ridge regression on the rows of generated tables: python starter.py FOLDER

FOLDER holds what NNLAB_TABLES=FOLDER npx vitest run test/experiment/starter writes: the rows of each table and the numbers of
those that nnlab trains on and tests with.
"""

import base64
import io
import json
import pathlib
import sys
import warnings
from datetime import datetime

import golden
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.datasets import load_digits, load_iris
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.preprocessing import OneHotEncoder

warnings.filterwarnings("ignore")


def scaled(values, train):
    """Numbers of mean 0 and deviation 1, and whether they are missing."""
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    missing = np.isnan(numbers)
    numbers[missing] = np.nanmedian(numbers[train])
    return np.stack([(numbers - numbers[train].mean()) / (numbers[train].std() or 1), missing], 1)


def one_hot(values, train):
    column = np.array([str(value) for value in values]).reshape(-1, 1)
    return OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(column[train]).transform(column)


def encoded(meaning, values, train):
    """Numbers are scaled, categories encoded one-hot, dates split into parts, texts counted."""
    if meaning == "number":
        return [scaled(values, train)]
    if meaning in ("category", "flag"):
        return [one_hot(values, train)]
    if meaning == "text":
        texts = np.array([value or "" for value in values])
        return [TfidfVectorizer().fit(texts[train]).transform(texts).toarray()]
    dates = [value and datetime.fromisoformat(value) for value in values]
    parts = [one_hot([date and part(date) for date in dates], train) for part in PARTS]
    return [*parts, scaled([date and date.timestamp() for date in dates], train)]


PARTS = (lambda date: date.month, lambda date: date.weekday(), lambda date: date.hour)


def score(table):
    """The metric of the trivial prediction and of the linear model on the test rows; ids are left out, and texts among others."""
    train, test, meanings = table["train"], table["test"], table["meanings"]
    used = {name: meaning for name, meaning in meanings.items() if meaning != "id" and (meaning != "text" or len(meanings) == 1)}
    blocks = [block for name, meaning in used.items() for block in encoded(meaning, [row[name] for row in table["rows"]], train)]
    x, y = np.hstack(blocks), np.array([row[table["target"]] for row in table["rows"]])
    if table["metric"] == "r2_score":
        return {"trivial": 0.0, "linear": r2_score(y[test], Ridge().fit(x[train], y[train]).predict(x[test]))}
    model = LogisticRegression(max_iter=5000).fit(x[train], y[train])
    if table["metric"] == "auc":
        return {"trivial": 0.5, "linear": roc_auc_score(y[test] == model.classes_[1], model.predict_proba(x[test])[:, 1])}
    labels, counts = np.unique(y[train], return_counts=True)
    trivial = np.mean(y[test] == labels[counts.argmax()])
    return {"trivial": float(trivial), "linear": accuracy_score(y[test], model.predict(x[test]))}


def binary(write):
    """What a function writes into a file, in base64."""
    file = io.BytesIO()
    write(file)
    return base64.b64encode(file.getvalue()).decode()


def files():
    """Real data in formats of arrays: irises, and a few of scikit-learn's digits."""
    iris, digits = load_iris(), load_digits()
    names = [name.removesuffix(" (cm)").replace(" ", "_") for name in iris.feature_names]
    columns = {name: iris.data[:, i] for i, name in enumerate(names)}
    columns["species"] = [str(iris.target_names[label]) for label in iris.target]
    arrays = {"x": digits.images[:300].astype(np.uint8), "y": digits.target[:300].astype(np.uint8)}
    return {
        "iris.parquet": binary(lambda file: pq.write_table(pa.table(columns), file)),
        "digits.npz": binary(lambda file: np.savez_compressed(file, **arrays)),
    }


def main(folder):
    scores = []
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        table = json.loads(path.read_text())
        scores.append({"name": path.stem, **score(table), "test": sum(table["test"])})
        gap = scores[-1]["linear"] - scores[-1]["trivial"]
        print(f"{path.stem:24}{table['metric']:9}{(table['metric_value'] - scores[-1]['trivial']) / gap:6.2f} of a gap of {gap:.3f}")
    golden.write(__file__, {"scores": scores, "files": files()})


main(sys.argv[1])
