"""Golden numbers for every layer that is not recurrent, made by Keras 3.15 on TensorFlow: python layers.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras
import numpy as np
import tensorflow as tf

STEPS, IMAGE, VOLUME = [[5, 3]], [[5, 4, 3]], [[3, 4, 3, 2]]
PAIR = [[3, 4], [3, 4]]
TRAINING = {"training": True}

# By our type: the class in Keras or ours.py, and variants: options, the shapes of the inputs without the batch axis, what else
# differs; `lacks` is what plain TensorFlow.js cannot express of them.
LAYERS = {
    "activation": ("Activation", [({"activation": "tanh"}, [[3, 4]])]),
    "add": ("Add", [({}, PAIR), ({}, PAIR + [[3, 4]]), ({}, [[3, 4], [1, 4]])]),
    "alpha_dropout": ("AlphaDropout", [({"rate": 0.3}, [[4]])]),
    "average": ("Average", [({}, PAIR + [[3, 4]])]),
    "average_pooling1d": ("AveragePooling1D", [({"pool_size": 2}, STEPS), ({"pool_size": 3, "strides": 2, "padding": "same"}, STEPS)]),
    "average_pooling2d": (
        "AveragePooling2D",
        [({"pool_size": 2}, IMAGE), ({"pool_size": [3, 2], "strides": [1, 2], "padding": "same"}, IMAGE)],
    ),
    "average_pooling3d": ("AveragePooling3D", [({"pool_size": 2}, VOLUME), ({"pool_size": 2, "strides": 1, "padding": "same"}, VOLUME)]),
    "batch_normalization": (
        "BatchNormalization",
        [
            ({}, [[4]]),
            ({}, [[4]], TRAINING),
            ({"momentum": 0.7, "epsilon": 0.01}, STEPS, TRAINING),
            ({"axis": 1, "momentum": 0.9}, IMAGE),
            ({"axis": 1, "momentum": 0.9}, IMAGE, TRAINING),
            ({"axis": -2}, VOLUME, TRAINING),
            ({"axis": -2}, VOLUME),
            ({}, VOLUME),
            ({"center": False}, [[4]]),
            ({"center": False}, [[4]], TRAINING),
            ({"scale": False}, [[4]], TRAINING),
            ({"center": False, "scale": False}, [[3, 4]]),
            ({"momentum": 0.5}, [[4]], {"training": True, "trainable": False}),
        ],
    ),
    "concatenate": ("Concatenate", [({}, [[3, 4], [3, 2]]), ({"axis": 1}, [[3, 4], [1, 4], [2, 4]]), ({"axis": -2}, [[3, 4], [2, 4]])]),
    "conv1d": (
        "Conv1D",
        [
            ({"filters": 4, "kernel_size": 3}, STEPS),
            ({"filters": 4, "kernel_size": 2, "padding": "causal", "activation": "tanh"}, STEPS),
            ({"filters": 2, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}, [[7, 3]]),
            ({"filters": 2, "kernel_size": 3, "padding": "causal", "strides": 2}, [[7, 3]]),
            ({"filters": 2, "kernel_size": 4, "strides": 2, "padding": "same", "use_bias": False}, [[7, 3]]),
            ({"filters": 4, "kernel_size": 3, "groups": 2}, [[5, 6]], {"lacks": ["conv1d with groups"]}),
        ],
    ),
    "conv2d": (
        "Conv2D",
        [
            ({"filters": 4, "kernel_size": 3}, IMAGE),
            ({"filters": 4, "kernel_size": [2, 3], "strides": [2, 1], "padding": "same", "activation": "relu"}, IMAGE),
            ({"filters": 2, "kernel_size": [3, 2], "dilation_rate": [2, 3], "use_bias": False}, IMAGE),
            ({"filters": 2, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}, IMAGE),
            ({"filters": 4, "kernel_size": 2, "groups": 2, "strides": 2}, [[4, 4, 4]], {"lacks": ["conv2d with groups"]}),
            ({"filters": 6, "kernel_size": 2, "groups": 3}, IMAGE, {"lacks": ["conv2d with groups"]}),
        ],
    ),
    "conv2d_transpose": (
        "Conv2DTranspose",
        [
            ({"filters": 2, "kernel_size": 3}, [[3, 4, 3]]),
            ({"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "tanh"}, [[3, 4, 3]]),
            ({"filters": 2, "kernel_size": [2, 4], "strides": [3, 2], "use_bias": False}, [[3, 2, 3]]),
            ({"filters": 2, "kernel_size": 2, "strides": 3, "padding": "same"}, [[3, 2, 3]]),
            ({"filters": 2, "kernel_size": 4, "strides": 2, "padding": "same"}, [[3, 2, 3]]),
            ({"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 0}, [[3, 2, 3]]),
            ({"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": [1, 0]}, [[3, 2, 3]]),
            ({"filters": 2, "kernel_size": 3, "strides": 2, "output_padding": 1}, [[3, 2, 3]], {"lacks": ["conv2d_transpose with this output_padding"]}),
            ({"filters": 2, "kernel_size": 1, "strides": 3, "output_padding": [1, 2]}, [[3, 2, 3]]),
        ],
    ),
    "conv3d": (
        "Conv3D",
        [
            ({"filters": 2, "kernel_size": 2}, VOLUME),
            ({"filters": 2, "kernel_size": [2, 3, 1], "strides": [1, 2, 2], "padding": "same", "activation": "elu"}, VOLUME),
            ({"filters": 2, "kernel_size": 2, "dilation_rate": [1, 3, 2], "use_bias": False}, VOLUME),
        ],
    ),
    "cropping2d": ("Cropping2D", [({}, IMAGE), ({"cropping": 1}, IMAGE), ({"cropping": [2, 1]}, IMAGE), ({"cropping": [[0, 2], [2, 1]]}, IMAGE)]),
    "dense": ("Dense", [({"units": 3}, [[4]]), ({"units": 2, "activation": "sigmoid"}, [[3, 4]]), ({"units": 2, "use_bias": False}, [[2, 3, 4]])]),
    "depthwise_conv2d": (
        "DepthwiseConv2D",
        [
            ({"kernel_size": 3}, IMAGE),
            ({"kernel_size": [2, 3], "strides": 2, "padding": "same", "depth_multiplier": 2, "activation": "tanh"}, IMAGE),
            ({"kernel_size": 2, "dilation_rate": 2, "use_bias": False}, IMAGE, {"lacks": ["depthwise_conv2d with dilation_rate"]}),
        ],
    ),
    "dot": (
        "Dot",
        [
            ({"axes": 1}, [[4], [4]]),
            ({"axes": -1, "normalize": True}, [[4], [4]]),
            ({"axes": [2, 1]}, [[3, 4], [4, 2]]),
            ({"axes": 1}, [[4, 3], [4, 2]]),
            ({"axes": [-1, -1], "normalize": True}, [[3, 4], [2, 4]]),
            ({"axes": [1, 2]}, [[4], [3, 4]]),
            ({"axes": [1, 1]}, [[4, 3], [4]]),
            ({"axes": [1, 3]}, [[4, 3, 2], [2, 3, 4]]),
        ],
    ),
    "dropout": ("Dropout", [({"rate": 0.3}, [[4]])]),
    "elu": ("ELU", [({}, [[3, 4]]), ({"alpha": 0.4}, [[3, 4]])]),
    "embedding": (
        "Embedding",
        [
            ({"input_dim": 5, "output_dim": 3}, [[4]], {"integers": 5}),
            ({"input_dim": 5, "output_dim": 2, "mask_zero": True}, [[4]], {"integers": 5}),
            ({"input_dim": 3, "output_dim": 2}, [[2, 3]], {"integers": 3}),
        ],
    ),
    "flatten": ("Flatten", [({}, [[3, 4]]), ({}, [[4]]), ({}, IMAGE)]),
    "gaussian_dropout": ("GaussianDropout", [({"rate": 0.3}, [[4]])]),
    "gaussian_noise": ("GaussianNoise", [({"stddev": 0.3}, [[4]])]),
    "global_average_pooling1d": ("GlobalAveragePooling1D", [({}, STEPS), ({"keepdims": True}, STEPS)]),
    "global_average_pooling2d": ("GlobalAveragePooling2D", [({}, IMAGE), ({"keepdims": True}, IMAGE)]),
    "global_max_pooling1d": ("GlobalMaxPooling1D", [({}, STEPS), ({"keepdims": True}, STEPS)]),
    "global_max_pooling2d": ("GlobalMaxPooling2D", [({}, IMAGE), ({"keepdims": True}, IMAGE)]),
    "layer_normalization": (
        "LayerNormalization",
        [
            ({}, [[4]]),
            ({"epsilon": 0.01}, STEPS),
            ({"axis": 1}, STEPS),
            ({"axis": [1, 2]}, STEPS),
            ({"axis": [3, 1], "scale": False}, IMAGE),
            ({"axis": [2, 3]}, IMAGE),
            ({"center": False}, [[4]]),
            ({"center": False, "scale": False}, [[4]]),
            ({}, VOLUME),
            ({"axis": [3, 4]}, VOLUME),
            ({"axis": [1, 3]}, VOLUME, {"lacks": ["layer_normalization over these axes"]}),
            ({"rms_scaling": True}, STEPS, {"lacks": ["layer_normalization with rms_scaling"]}),
        ],
    ),
    "leaky_relu": ("LeakyReLU", [({}, [[3, 4]]), ({"negative_slope": 0.05}, [[3, 4]])]),
    "max_pooling1d": ("MaxPooling1D", [({}, STEPS), ({"pool_size": 3, "strides": 2, "padding": "same"}, STEPS)]),
    "max_pooling2d": ("MaxPooling2D", [({}, IMAGE), ({"pool_size": [3, 2], "strides": [1, 2], "padding": "same"}, IMAGE)]),
    "max_pooling3d": ("MaxPooling3D", [({}, VOLUME), ({"pool_size": 2, "strides": 1, "padding": "same"}, VOLUME)]),
    "maximum": ("Maximum", [({}, PAIR + [[3, 4]])]),
    "minimum": ("Minimum", [({}, PAIR + [[3, 4]])]),
    "multiply": ("Multiply", [({}, PAIR + [[3, 4]]), ({}, [[3, 4], [3, 1]])]),
    "permute": ("Permute", [({"dims": [2, 1]}, [[3, 4]]), ({"dims": [3, 1, 2]}, IMAGE), ({"dims": [1]}, [[4]])]),
    "prelu": ("PReLU", [({}, [[4]]), ({"shared_axes": [1, 2]}, IMAGE), ({"shared_axes": 1}, STEPS)]),
    "relu": (
        "ReLU",
        [
            ({}, [[3, 4]]),
            ({"max_value": 1}, [[3, 4]]),
            ({"negative_slope": 0.1, "threshold": 0.5, "max_value": 1.5}, [[3, 4]]),
        ],
    ),
    "repeat_vector": ("RepeatVector", [({"n": 3}, [[4]])]),
    "rescaling": ("Rescaling", [({"scale": 0.25}, [[3, 4]]), ({"scale": -2, "offset": 1.5}, [[4]]), ({"scale": [0.5, -2, 1.5], "offset": [0.1, 3, -1]}, IMAGE), ({"scale": 0.5, "offset": [0.1, 3, -1, 2]}, [[3, 4]])]),
    "reshape": ("Reshape", [({"target_shape": [2, 6]}, [[3, 4]]), ({"target_shape": [-1, 2]}, [[3, 4]])]),
    "separable_conv2d": (
        "SeparableConv2D",
        [
            ({"filters": 4, "kernel_size": 3}, IMAGE),
            ({"filters": 2, "kernel_size": [2, 3], "strides": 2, "padding": "same", "depth_multiplier": 2, "activation": "tanh"}, IMAGE),
            ({"filters": 2, "kernel_size": 2, "dilation_rate": 2, "use_bias": False}, IMAGE),
        ],
    ),
    "softmax": ("Softmax", [({}, [[4]]), ({}, [[3, 4]]), ({"axis": 1}, [[3, 4]]), ({"axis": [1, 2]}, [[3, 4]])]),
    "spatial_dropout1d": ("SpatialDropout1D", [({"rate": 0.3}, STEPS)]),
    "subtract": ("Subtract", [({}, PAIR), ({}, [[3, 4], [1, 4]])]),
    "upsampling2d": (
        "UpSampling2D",
        [
            ({}, [[2, 3, 2]]),
            ({"size": [1, 3]}, [[2, 3, 2]]),
            ({"interpolation": "bilinear"}, [[2, 3, 2]]),
            ({"size": [3, 4], "interpolation": "bilinear"}, [[2, 3, 1]]),
            ({"size": [1, 5], "interpolation": "bilinear"}, [[1, 2, 2]]),
        ],
    ),
    "zero_padding2d": ("ZeroPadding2D", [({}, IMAGE), ({"padding": [0, 2]}, IMAGE), ({"padding": [[1, 0], [0, 3]]}, IMAGE)]),
}


def spaced(random, shape, low, high):
    """Numbers of three digits, evenly spaced and shuffled: none is 0 and no two are equal."""
    size = int(np.prod(shape))
    numbers = np.linspace(low, high, size + (size % 2 == 1 and low < 0))[:size]
    return np.round(random.permutation(numbers), 3).reshape(shape).astype("float32")


def flat(tensor):
    """As golden.flat, with seven digits: what float32 tells for sure."""
    tensor = golden.flat(tensor)
    return {**tensor, "data": [float(f"{x:.7g}") for x in tensor["data"]]}


def run(random, layer, shapes, batch=2, training=False, trainable=True, integers=None, lacks=()):
    layer.trainable = trainable
    inputs = [
        random.integers(integers, size=[batch, *shape]).astype("float32") if integers else spaced(random, [batch, *shape], -2 - i / 64, 2)
        for i, shape in enumerate(shapes)
    ]
    inputs = [tf.constant(x) for x in inputs]
    given = inputs if len(inputs) > 1 else inputs[0]
    built = [tuple(x.shape) for x in inputs]
    layer.build(built if len(inputs) > 1 else built[0])
    for weight in layer.weights:
        weight.assign(spaced(random, weight.shape, 0.5, 1.5) if "variance" in weight.name else spaced(random, weight.shape, -1, 1))
    start = [w.numpy() for w in layer.weights]
    same = np.allclose(layer(given, training=True), layer(given, training=False))
    for weight, value in zip(layer.weights, start):
        weight.assign(value)
    parameters = {w.name: {**flat(w), "trainable": w.trainable or not trainable and "moving" not in w.name} for w in layer.weights}
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = layer(given, training=training)
        dy = tf.constant(spaced(random, y.shape, -1, 1))
        total = tf.reduce_sum(y * dy)
    trained = layer.trainable_weights
    dx, dparameters = tape.gradient(total, [inputs, [w.value for w in trained]])
    assigned = {w.name: flat(w) for w in layer.non_trainable_weights} if training and trainable else {}
    return {
        "inputs": [flat(x) for x in inputs],
        "parameters": parameters,
        "y": flat(y),
        "dy": flat(dy),
        "dx": None if integers else [flat(d) for d in dx],
        "dparameters": {w.name: flat(tf.convert_to_tensor(d)) for w, d in zip(trained, dparameters)},
        "assigned": assigned,
        "training": training,
        "trainable": trainable,
        "same_in_training": bool(same),
        "lacks": list(lacks),
    }


# Options of all layers, of seeds, of quantization, and of a variant of batch normalization that nnlab leaves out.
LEFT_OUT = {
    *["dtype", "seed", "weights", "lora_rank", "lora_alpha", "quantization_config"],
    *["renorm", "renorm_clipping", "renorm_momentum", "synchronized"],
}


def defaults(name):
    found = golden.defaults(getattr(keras.layers, name))
    # What None stands for in Keras, which it replaces at once.
    replaced = {"data_format": keras.config.image_data_format(), "activation": "linear"}
    return {
        option: replaced.get(option, default) if default is None else default
        for option, default in found.items()
        if option not in LEFT_OUT
    }


cases = []
for type, (name, variants) in LAYERS.items():
    for options, shapes, *more in variants:
        settings = more[0] if more else {}
        random = golden.random(type, options, shapes, {key: value for key, value in settings.items() if key != "lacks"})
        layer = golden.reference(keras.layers, name)(**options)
        cases.append({"type": type, "options": options, **run(random, layer, shapes, **settings)})

golden.write(
    __file__,
    {
        "keras": keras.__version__,
        "defaults": {type: defaults(name) for type, (name, _) in LAYERS.items() if not golden.lacks(name)},
        "cases": cases,
    },
)
