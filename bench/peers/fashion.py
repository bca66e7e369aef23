"""
784-128-10 on Fashion-MNIST until a test accuracy: python fashion.py keras|torch FOLDER ACCURACY EPOCHS

Prints a JSON line: epochs and the accuracy reached.
"""

import gzip
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np

library, folder, wanted, epochs = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
BATCH = 64


def read(name, offset):
    with gzip.open(f"{folder}/{name}.gz") as file:
        return np.frombuffer(file.read(), "uint8", offset=offset)


def split(name):
    x = read(f"{name}-images-idx3-ubyte", 16).reshape(-1, 784).astype("float32") / 255
    return x, read(f"{name}-labels-idx1-ubyte", 8).astype("int64")


(x, y), (test_x, test_y) = split("train"), split("t10k")
if library == "keras":
    import keras

    model = keras.Sequential([keras.Input([784]), keras.layers.Dense(128, "relu"), keras.layers.Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], steps_per_execution=50)

    def epoch():
        history = model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0, validation_data=(test_x, test_y), validation_batch_size=1000)
        return history.history["val_accuracy"][0]
else:
    import torch
    from torch import nn

    x, y, test_x, test_y = map(torch.from_numpy, (x, y, test_x, test_y))
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer, loss_of = torch.optim.Adam(model.parameters(), 0.001, fused=True), nn.CrossEntropyLoss()

    def epoch():
        for rows in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad(set_to_none=True)
            loss_of(model(x[rows]), y[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            return (model(test_x).argmax(1) == test_y).float().mean().item()


accuracy, done = 0.0, 0
while accuracy < wanted and done < epochs:
    accuracy, done = epoch(), done + 1
print(json.dumps({"epochs": done, "accuracy": accuracy}))
