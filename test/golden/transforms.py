"""Golden encodings of every transform, made by scikit-learn 1.9, pandas and Keras 3.15: python transforms.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
import pandas as pd
from sklearn import impute, pipeline, preprocessing

TRAIN = [3.5, -2.0, 0.25, 17.0, 4.0, 4.0, -8.5, 1e3, 0.0, 6.125]
NEW = [0.0, -100.0, 4.0, 2e4, 0.1]
LACKING = [3.5, float("nan"), 0.25, 17.0, float("nan"), 4.0, -8.5]
CITIES = ["Oslo", "Rome", "Oslo", "Bern", "Zürich", "oslo"]
SIZES = ["small", "large", "medium"]
DATES = ["2024-02-29T23:05:00", "1999-12-31", "2025-01-06 07:59:59.5", "2000-03-01T00:00"]
TEXTS = [
    "The cat sat on the mat.",
    "The dog, the cat and the end!",
    "",
    "A dog's (big) mat... café",
    "one two two three three three",
]
NEW_TEXTS = ["the bird sat", "", "mat mat mat mat mat mat mat mat", "Dog's café?"]


def column(values):
    return np.array(values, dtype=object if isinstance(values[0], str) else float).reshape(-1, 1)


def scaled(scaler):
    return scaler.fit(column(TRAIN)).transform(column(NEW))[:, 0]


def imputed(strategy, **options):
    imputer = impute.SimpleImputer(strategy=strategy, add_indicator=True, **options)
    return imputer.fit_transform(column(LACKING)).reshape(-1)


def one_hot(unseen):
    encoder = preprocessing.OneHotEncoder(handle_unknown=unseen, sparse_output=False)
    return encoder.fit(column(CITIES)).transform(column(["Rome", "Paris", "Oslo"])).reshape(-1)


def ordinal(categories):
    options = {"handle_unknown": "use_encoded_value", "unknown_value": len(set(CITIES if categories is None else categories))}
    if categories is not None:
        options["categories"] = [categories]
    encoder = preprocessing.OrdinalEncoder(**options)
    train, new = (CITIES, ["Rome", "Paris", "Bern"]) if categories is None else (categories, ["large", "small", "huge"])
    return encoder.fit(column(train)).transform(column(new))[:, 0]


def tokens(**options):
    layer = keras.layers.TextVectorization(output_mode="int", **options)
    layer.adapt(TEXTS)
    return {"options": options, "vocabulary": layer.get_vocabulary()[2:], "ids": np.array(layer(NEW_TEXTS)).reshape(-1)}


def in_turn():
    steps = [preprocessing.OrdinalEncoder(), preprocessing.StandardScaler()]
    return pipeline.make_pipeline(*steps).fit_transform(column(CITIES))[:, 0]


# [rows, height, width, channels]
IMAGES = (np.arange(3 * 2 * 2 * 3) * 37 % 256).reshape(3, 2, 2, 3)
KNOWN = {"mean": [120.0, 100.0, 80.0], "deviation": [50.0, 60.0, 70.0]}


def normalized(**options):
    layer = keras.layers.Normalization(axis=-1, **options)
    if not options:
        layer.adapt(IMAGES.astype(np.float32))
    return np.array(layer(IMAGES.astype(np.float32))).reshape(-1)


moments = pd.to_datetime(pd.Series(DATES), format="ISO8601").dt
golden.write(
    __file__,
    {
        "train": TRAIN,
        "new": NEW,
        "scalings": {
            "standard": scaled(preprocessing.StandardScaler()),
            "min_max": scaled(preprocessing.MinMaxScaler()),
            "robust": scaled(preprocessing.RobustScaler()),
        },
        "lacking": [None if np.isnan(value) else value for value in LACKING],
        "imputed": {"mean": imputed("mean"), "median": imputed("median"), "constant": imputed("constant", fill_value=-1.5)},
        "cities": CITIES,
        "one_hot": one_hot("ignore"),
        "ordinal": ordinal(None),
        "sizes": SIZES,
        "ordinal_sizes": ordinal(["small", "medium", "large"]),
        "dates": DATES,
        "parts": {
            name: getattr(moments, name).to_numpy()
            for name in ["year", "month", "day", "weekday", "hour", "minute"]
        },
        "texts": TEXTS,
        "new_texts": NEW_TEXTS,
        "in_turn": in_turn(),
        "images": IMAGES.reshape(3, -1),
        "known": KNOWN,
        "per_channel": normalized(),
        "per_known_channel": normalized(mean=KNOWN["mean"], variance=np.square(KNOWN["deviation"])),
        "tokens": [
            tokens(output_sequence_length=6),
            tokens(output_sequence_length=4, max_tokens=8),
            tokens(output_sequence_length=5, standardize=None, split="character"),
            tokens(output_sequence_length=5, standardize="strip_punctuation"),
        ],
    },
)
