"""
Golden trainings of 20 steps for every optimizer, every loss and every layer, made by Keras 3.15 on TensorFlow, from
models in the words of a config: python training.py
"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
from keras_model import component, keras_target, model_of, optimizer_of, several

ROWS, BATCH, STEPS = 12, 4, 20


CASES = {}


def add(name, layers, loss, *, inputs=None, target="numbers", optimizer=None, outputs=None, data="normal", **more):
    layers = [{"name": f"layer{i}", **entry} for i, entry in enumerate(layers)]
    outputs = outputs or [layers[-1]["name"]]
    CASES[name] = {
        "inputs": inputs or {"input": [4]},
        "layers": layers,
        "outputs": outputs,
        "loss": loss,
        "optimizer": optimizer or {"type": "sgd", "learning_rate": 0.02, "momentum": 0.5},
        "target": target,
        "data": data,
        **more,
    }


def dense(units, activation="linear", **options):
    return {"type": "dense", "units": units, "activation": activation, **options}


# Small steps, as large ones make rounding errors grow.
SMALL = {"type": "sgd", "learning_rate": 0.002, "momentum": 0.5}

# Every optimizer.
CLASSIFIER = [dense(5, "tanh"), dense(3, "softmax")]
SCHEDULE = {"type": "cosine_decay", "initial_learning_rate": 0.05, "decay_steps": 15}
for optimizer in [
    {"type": "adadelta", "learning_rate": 1.0},
    {"type": "adagrad", "learning_rate": 0.1},
    {"type": "adam", "learning_rate": 0.02},
    {"type": "adam", "learning_rate": SCHEDULE, "amsgrad": True, "clipnorm": 0.1},
    {"type": "adamax", "learning_rate": 0.02},
    {"type": "adamw", "learning_rate": 0.02, "weight_decay": 0.1},
    {"type": "lion", "learning_rate": 0.01},
    {"type": "nadam", "learning_rate": 0.02},
    {"type": "rmsprop", "learning_rate": 0.01, "centered": True, "momentum": 0.3},
    {"type": "rmsprop", "learning_rate": 0.01},
    {"type": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True, "global_clipnorm": 0.5},
    {"type": "sgd", "learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 6},
]:
    options = " ".join(key for key in optimizer if key not in ("type", "learning_rate"))
    add(f"optimizer {optimizer['type']} {options}".strip(), CLASSIFIER, "categorical_crossentropy", target="classes", optimizer=optimizer)

# Every loss.
for loss, activation, target in [
    ("binary_crossentropy", "sigmoid", "labels"),
    ({"type": "binary_crossentropy", "from_logits": True, "label_smoothing": 0.1}, "linear", "labels"),
    ("binary_focal_crossentropy", "sigmoid", "labels"),
    ({"type": "categorical_crossentropy", "label_smoothing": 0.1}, "softmax", "classes"),
    ({"type": "categorical_crossentropy", "from_logits": True}, "linear", "classes"),
    ("categorical_focal_crossentropy", "softmax", "classes"),
    ("categorical_hinge", "linear", "classes"),
    ("cosine_similarity", "linear", "numbers"),
    ("hinge", "tanh", "labels"),
    ("huber", "linear", "numbers"),
    ("kl_divergence", "softmax", "shares"),
    ("log_cosh", "linear", "numbers"),
    ("mean_absolute_error", "linear", "numbers"),
    ("mean_absolute_percentage_error", "linear", "numbers"),
    ("mean_squared_error", "linear", "numbers"),
    ("mean_squared_logarithmic_error", "softplus", "counts"),
    ("poisson", "softplus", "counts"),
    ("sparse_categorical_crossentropy", "softmax", "classes"),
    ("squared_hinge", "tanh", "labels"),
]:
    kind = loss if isinstance(loss, str) else " ".join(map(str, loss.values()))
    rate = 1e-4 if "percentage" in kind else 0.05
    add(f"loss {kind}", [dense(5, "tanh"), dense(3, activation)], loss, target=target, optimizer={"type": "sgd", "learning_rate": rate})
add("loss binary_crossentropy of one unit", [dense(5, "relu"), dense(1, "sigmoid")], "binary_crossentropy", target="classes")

# Every layer, where it needs weights to train between dense layers.
MSE = "mean_squared_error"
HEAD = [{"type": "flatten"}, dense(2)]
STEPS_INPUT, IMAGE, VOLUME = {"input": [4, 3]}, {"input": [5, 5, 2]}, {"input": [3, 4, 4, 1]}


def of_type(type_name, **options):
    return {"type": type_name, **options}


for entry in [
    of_type("activation", activation="swish"), of_type("alpha_dropout", rate=0.0), of_type("batch_normalization", momentum=0.9),
    of_type("dropout", rate=0.0), of_type("elu"), of_type("flatten"), of_type("gaussian_dropout", rate=0.0),
    of_type("gaussian_noise", stddev=0.0), of_type("layer_normalization"), of_type("leaky_relu"), of_type("prelu"),
    of_type("relu", max_value=1.0), of_type("repeat_vector", n=3), of_type("rescaling", scale=0.5, offset=0.1),
    of_type("reshape", target_shape=[3, 2]), of_type("softmax"),
]:
    add(f"layer {entry['type']}", [dense(6), entry, *HEAD], MSE)
for entry in [
    of_type("average_pooling1d", pool_size=2), of_type("bidirectional", layer=of_type("lstm", units=3)),
    of_type("conv1d", filters=3, kernel_size=3, padding="same"), of_type("global_average_pooling1d"), of_type("global_max_pooling1d"),
    of_type("gru", units=3), of_type("gru", units=3, reset_after=False, return_sequences=True), of_type("lstm", units=3),
    of_type("max_pooling1d", pool_size=2, strides=1, padding="same"), of_type("permute", dims=[2, 1]), of_type("simple_rnn", units=3),
    of_type("spatial_dropout1d", rate=0.0), of_type("time_distributed", layer=dense(3, "tanh")),
]:
    add(f"layer {entry['type']}{' before' if 'reset_after' in entry else ''}", [dense(3), entry, *HEAD], MSE, inputs=STEPS_INPUT)
for entry in [
    of_type("average_pooling2d", pool_size=2, padding="same"), of_type("conv2d", filters=3, kernel_size=3, strides=2, padding="same"),
    of_type("conv2d_transpose", filters=2, kernel_size=3, strides=2, padding="same"), of_type("cropping2d", cropping=[[1, 1], [0, 2]]),
    of_type("depthwise_conv2d", kernel_size=2, depth_multiplier=2), of_type("global_average_pooling2d"), of_type("global_max_pooling2d"),
    of_type("max_pooling2d", pool_size=3, strides=1), of_type("separable_conv2d", filters=3, kernel_size=2),
    of_type("upsampling2d", size=2), of_type("zero_padding2d", padding=[[1, 0], [0, 2]]),
]:
    first = of_type("conv2d", filters=2, kernel_size=2)
    add(f"layer {entry['type']}", [first, entry, *HEAD], MSE, inputs=IMAGE, optimizer=SMALL)
for entry in [
    of_type("average_pooling3d", pool_size=2, padding="same"), of_type("max_pooling3d", pool_size=2), of_type("conv3d", filters=2, kernel_size=2),
]:
    add(f"layer {entry['type']}", [of_type("conv3d", filters=2, kernel_size=2, padding="same"), entry, *HEAD], MSE, inputs=VOLUME, optimizer=SMALL)
for entry in [
    *map(of_type, ["add", "average", "concatenate", "maximum", "minimum", "multiply", "subtract"]), of_type("dot", axes=1),
]:
    branches = [dense(3, "tanh", name="left", **{"from": "input"}), dense(3, "tanh", name="right", **{"from": "input"})]
    add(f"layer {entry['type']}", [*branches, {**entry, "from": ["left", "right"]}, dense(2)], MSE)
add("layer embedding", [of_type("embedding", input_dim=5, output_dim=3), *HEAD], MSE, inputs={"input": [4]}, data="indices")
add("layer embedding masked", [of_type("embedding", input_dim=5, output_dim=3, mask_zero=True), of_type("lstm", units=3), dense(2)],
    MSE, inputs={"input": [4]}, data="indices")
add("layer masking", [of_type("masking"), of_type("gru", units=3), dense(2)], MSE, inputs=STEPS_INPUT, data="masked")
add("layer masking to the loss", [of_type("masking"), of_type("simple_rnn", units=3, return_sequences=True), dense(3, "softmax")],
    "categorical_crossentropy", target="classes", inputs=STEPS_INPUT, data="masked", weighted=True)

# One layer, or a model of layers, in several places.
PAIR = {"left": [3], "right": [3]}
add("layer shared", [
    dense(3, "tanh", name="tower", kernel_regularizer="l2", activity_regularizer="l2", **{"from": "left"}),
    of_type("shared", name="deeper", **{"with": "tower"}), of_type("shared", name="other", **{"with": "tower", "from": "right"}),
    of_type("subtract", name="difference", **{"from": ["deeper", "other"]}), dense(2),
], MSE, inputs=PAIR)
ENCODER = [
    dense(4, "tanh", name="hidden"), of_type("batch_normalization", name="normalized", momentum=0.8),
    of_type("dropout", name="dropped", rate=0.0), dense(3, name="code"),
]
add("layer model", [
    of_type("model", name="encoder", layers=ENCODER, **{"from": "left"}),
    of_type("shared", name="other", **{"with": "encoder", "from": "right"}),
    of_type("model", name="head", inputs=["a", "b"], outputs="score", layers=[
        of_type("multiply", name="product", **{"from": ["a", "b"]}), dense(2, name="score"),
    ], **{"from": ["encoder", "other"]}),
], MSE, inputs=PAIR)
add("frozen model", [of_type("model", name="encoder", layers=ENCODER, trainable=False), dense(2)], MSE)

# What training adds to them.
add("sample weights", CLASSIFIER, "sparse_categorical_crossentropy", target="classes", weighted=True)
add("class weights", CLASSIFIER, "categorical_crossentropy", target="classes", class_weight=[0.5, 2.0, 1.0])
add("regularizers and constraints", [
    dense(5, "tanh", kernel_regularizer={"type": "l1_l2", "l1": 0.01, "l2": 0.02}, bias_regularizer="l1", kernel_constraint={"type": "max_norm", "max_value": 0.8}),
    dense(4, "relu", kernel_regularizer="l2", kernel_constraint="unit_norm", bias_constraint="non_neg"),
    dense(3, kernel_regularizer="orthogonal_regularizer", kernel_constraint={"type": "min_max_norm", "min_value": 0.5, "axis": 1}),
], MSE)
add("activity regularizer", [dense(5, "tanh", activity_regularizer={"type": "l2", "l2": 0.1}), dense(2)], MSE)
add("frozen layer", [dense(5, "tanh", trainable=False, kernel_regularizer="l2"), dense(4, "tanh"), of_type("batch_normalization", trainable=False), dense(2)], MSE,
    optimizer={"type": "sgd", "learning_rate": 0.1, "weight_decay": 0.1})
add("several inputs and outputs", [
    dense(3, "tanh", name="a", **{"from": "first"}), dense(3, "tanh", name="b", **{"from": "second"}),
    {"type": "concatenate", "name": "both", "from": ["a", "b"]},
    dense(3, "softmax", name="kind", **{"from": "both"}), dense(2, name="size", **{"from": "both"}),
], {"kind": "categorical_crossentropy", "size": "huber"}, inputs={"first": [4], "second": [2]}, outputs=["kind", "size"],
    target={"kind": "classes", "size": "numbers"}, loss_weights={"kind": 0.3, "size": 2.0}, weighted=True)

INPUTS = {
    "normal": lambda random, shape: random.normal(size=shape).round(2),
    "indices": lambda random, shape: random.integers(0, 5, shape),
    "masked": lambda random, shape: (random.normal(size=shape) * (random.random((*shape[:2], 1)) < 0.7)).round(2),
}
TARGETS = {
    "numbers": lambda random, shape: random.normal(size=shape).round(2),
    "counts": lambda random, shape: random.integers(0, 5, shape),
    "shares": lambda random, shape: random.dirichlet(np.ones(shape[-1]), shape[:-1]).round(3),
    "labels": lambda random, shape: random.integers(0, 2, shape),
    "classes": lambda random, shape: random.integers(0, max(2, shape[-1]), shape[:-1]),
}


cases = []
for name, config in CASES.items():
    random = golden.random(name)
    keras.backend.clear_session()
    model = model_of(config)
    outputs = config["outputs"]
    for weight in model.weights:
        value = random.normal(size=weight.shape) * 0.5
        weight.assign((np.abs(value) + 0.5 if "variance" in weight.path else value).round(2))
    start = [golden.flat(weight) for weight in model.weights]
    x = {key: INPUTS[config["data"]](random, (ROWS, *shape)) for key, shape in config["inputs"].items()}
    kinds, losses = several(config["target"], outputs), several(config["loss"], outputs)
    shapes = {key: tensor.shape[1:] for key, tensor in zip(outputs, model.outputs)}
    stored = {key: TARGETS[kinds[key]](random, (ROWS, *shapes[key])) for key in outputs}
    y = [keras_target(stored[key], kinds[key], losses[key], shapes[key]) for key in outputs]
    weights = random.uniform(0, 2, ROWS).round(2) if config.get("weighted") else None
    optimizer = optimizer_of(config["optimizer"])
    model.compile(
        optimizer,
        [component(keras.losses, losses[key]) for key in outputs],
        loss_weights=list(config["loss_weights"].values()) if "loss_weights" in config else None,
        jit_compile=False,
    )
    trained = []
    for step in range(STEPS):
        rows = np.arange(step * BATCH, (step + 1) * BATCH) % ROWS
        model.reset_metrics()
        weight = None if weights is None else weights[rows]
        if weight is not None and len(y[0].shape) == 3:
            weight = weight[:, None]  # Keras would take a row's weight for that of a step.
        given = [value[rows] for value in y]
        loss = model.train_on_batch(
            [value[rows] for value in x.values()],
            given if len(given) > 1 else given[0],
            sample_weight=weight if len(given) == 1 or weight is None else [weight] * len(given),
            class_weight=dict(enumerate(config["class_weight"])) if "class_weight" in config else None,
        )
        trained.append(float(loss[0] if isinstance(loss, (list, tuple)) else loss))
    if "class_weight" in config:
        weights = np.array(config["class_weight"])[stored[outputs[0]]]
    cases.append(
        {
            "name": name,
            "model": {key: config[key] for key in ("inputs", "layers", "outputs")},
            "compile": {key: config[key] for key in ("loss", "optimizer", "loss_weights") if key in config},
            "inputs": {key: golden.flat(value) for key, value in x.items()},
            "targets": {key: golden.flat(value) for key, value in stored.items()},
            "row_weights": weights,
            "start": start,
            "losses": trained,
            "end": [golden.plain(weight.numpy().reshape(-1)) for weight in model.weights],
        }
    )

golden.write(__file__, {"keras": keras.__version__, "batch": BATCH, "cases": cases})
