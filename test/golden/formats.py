"""Files in the formats of NumPy, pandas and Pillow, and TensorFlow's resize: what test/data/formats.test.ts reads."""
import base64, io, json, os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import pandas as pd
import tensorflow as tf


def text(data):
    return base64.b64encode(data).decode()


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return text(file.getvalue())


def npz(save, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return text(file.getvalue())


def parquet(compression):
    frame = pd.DataFrame(
        {
            "x": [1.5, None, -3.25, 4.0],
            "n": np.array([1, 2, 3, 2**40], dtype=np.int64),
            "flag": [True, False, True, True],
            "city": ["Oslo", "Rome", None, "Oslo"],
            "v": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]],
        }
    )
    file = io.BytesIO()
    frame.to_parquet(file, compression=compression)
    return text(file.getvalue())


grid = np.arange(6).reshape(2, 3)
types = ["|b1", "|u1", "|i1", "<u2", ">i2", "<i4", ">u4", "<i8", "<f2", "<f4", ">f8"]
rng = np.random.default_rng(0)
picture = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
sizes = [(5, 7), (10, 14), (3, 4), (8, 2)]
golden = {
    "npy": {kind: npy(grid.astype(kind)) for kind in types},
    "fortran": npy(np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))),
    "texts": npy(np.array(["a", "bc", "\u00e9\u2603"])),
    "bytes": npy(np.array([b"a", b"bc"])),
    "objects": npy(np.array([{}, 1], dtype=object)),
    "npz": npz(np.savez, x=grid.astype("f4"), y=np.array([0, 1])),
    "compressed": npz(
        np.savez_compressed,
        x_train=np.zeros((3, 2), "u1"), y_train=np.array([0, 1, 1]), x_test=np.ones((2, 2), "u1"), y_test=np.array([1, 0]),
    ),
    "parquet": {str(c): parquet(c) for c in [None, "snappy", "gzip", "brotli"]},
    "picture": picture.tolist(),
    "png": text(tf.io.encode_png(picture).numpy()),
    "gray_png": text(tf.io.encode_png(picture[:, :, :1]).numpy()),
    "jpeg": text(tf.io.encode_jpeg(np.full((8, 8, 3), [200, 100, 50], np.uint8), quality=95).numpy()),
    "resized": [
        {"size": size, "pixels": np.round(tf.image.resize(picture, size).numpy(), 3).ravel().tolist()} for size in sizes
    ],
}
with open(os.path.join(os.path.dirname(__file__), "formats.json"), "w") as file:
    json.dump(golden, file)
