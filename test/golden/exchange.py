"""
What exported and imported files are checked against where no Keras is: the options of its classes, the order of its layers,
and a model that it saved, keras-model.keras, with predictions.
"""

import inspect
import pathlib
import re

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np


def options_of(module):
    found = {}
    for name, value in vars(module).items():
        if not isinstance(value, type) or not name[0].isupper():
            continue
        parameters = inspect.signature(value.__init__).parameters
        taken = [p for p in parameters if p not in ("self", "args", "kwargs")]
        if "kwargs" in parameters and issubclass(value, keras.layers.Layer):
            bases = [base for base in value.__mro__ if base.__module__.startswith("keras.src.layers")]
            passed = [option for base in bases for option in inspect.signature(base.__init__).parameters]
            sources = [inspect.getsource(base) for base in bases]
            popped = [option for source in sources for option in re.findall(r'kwargs\.pop\("(\w+)"', source)]
            taken += [option for option in dict.fromkeys(passed + popped) if option not in taken]
        found[name] = taken
    return found


def random_order(number):
    """A graph of layers that each take one or two of those before them, and the order that Keras gives them."""
    random = golden.random("order", number)
    inputs = {f"input{i}": keras.Input((3,), name=f"input{i}") for i in range(random.integers(1, 3))}
    tensors, layers = dict(inputs), []
    for i in range(random.integers(2, 9)):
        count = random.integers(1, 3)
        sources = [str(name) for name in random.choice(list(tensors), count)]
        merge = keras.layers.Add(name=f"layer{i}") if count > 1 else keras.layers.Activation("relu", name=f"layer{i}")
        taken = [tensors[name] for name in sources]
        tensors[f"layer{i}"] = merge(taken if count > 1 else taken[0])
        layers.append({"name": f"layer{i}", "from": sources})
    used = {name for layer in layers for name in layer["from"]}
    outputs = [layer["name"] for layer in layers if layer["name"] not in used]
    # A layer that leads nowhere.
    if len(outputs) > 1 and random.integers(2):
        outputs = outputs[1:]
    model = keras.Model(list(inputs.values()), [tensors[name] for name in outputs])
    return {"inputs": list(inputs), "layers": layers, "outputs": outputs, "order": [layer.name for layer in model.layers]}


def saved_model():
    keras.utils.set_random_seed(1)
    x = entry = keras.Input((5, 4), name="steps")
    x = keras.layers.Bidirectional(keras.layers.GRU(2, return_sequences=True), name="both")(x)
    x = keras.layers.BatchNormalization(name="normal")(x)
    x = keras.layers.LSTM(3, recurrent_regularizer=keras.regularizers.L2(0.5), name="memory")(x)
    short = keras.layers.Dense(3, activation="gelu", kernel_constraint=keras.constraints.MaxNorm(1.5))(x)
    x = keras.layers.Add(name="sum")([x, short])
    x = keras.layers.Dense(2, activation="softmax", name="label")(x)
    model = keras.Model(entry, x, name="saved")
    model.compile(keras.optimizers.AdamW(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    random = golden.random("saved model")
    rows = random.normal(size=(16, 5, 4)).astype("float32")
    model.fit(rows, random.integers(2, size=16), verbose=0)
    model.save(pathlib.Path(__file__).with_name("keras-model.keras"))
    return {"inputs": golden.flat(rows[:4]), "predictions": golden.flat(np.asarray(model.predict(rows[:4], verbose=0)))}


modules = {
    "layers": keras.layers,
    "losses": keras.losses,
    "metrics": keras.metrics,
    "optimizers": keras.optimizers,
    "optimizers.schedules": keras.optimizers.schedules,
    "initializers": keras.initializers,
    "regularizers": keras.regularizers,
    "constraints": keras.constraints,
    "operations": keras.src.ops.nn,
}
golden.write(
    __file__,
    {
        "keras": keras.__version__,
        "options": {name: options_of(module) for name, module in modules.items()},
        "orders": [random_order(number) for number in range(30)],
        "saved": saved_model(),
    },
)
