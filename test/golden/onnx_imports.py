"""
ONNX models as PyTorch's exporter and converters of other programs write them, in onnx/, and what ONNX Runtime predicts:
python onnx_imports.py. The models of converters that need not be here, skl2onnx and tf2onnx, are written operator by operator.
"""

import json
import pathlib

import golden  # First: it sets up the environment of the programs below.
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from sklearn.neural_network import MLPClassifier
from torch import nn

FOLDER = pathlib.Path(__file__).parent / "onnx"
ROWS = 2


class Residual(nn.Module):
    """Two blocks like those of ResNet, after a stem with a padded pooling."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.norm = nn.BatchNorm2d(4)
        self.first = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1))
        self.second = nn.Conv2d(4, 6, 3, stride=2, padding=1)
        self.short = nn.Conv2d(4, 6, 1, stride=2)
        self.head = nn.Linear(6, 3)

    def forward(self, image):
        x = self.stem(image)
        x = torch.relu(x + self.first(self.norm(x)))
        x = torch.relu(self.second(x) + self.short(x))
        return self.head(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))


class Excited(nn.Module):
    """Depthwise convolutions, a squeeze and excitation that is broadcast, and images that are joined and flattened."""

    def __init__(self):
        super().__init__()
        self.depth = nn.Conv2d(2, 4, 3, padding=1, groups=2)
        self.squeeze, self.excite = nn.Conv2d(4, 2, 1), nn.Conv2d(2, 4, 1)
        self.slopes = nn.PReLU(4, 0.1)
        self.up = nn.ConvTranspose2d(4, 3, 4, stride=2, padding=1)
        self.larger = nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1, output_padding=1)
        self.dense = nn.Linear(5 * 8 * 12, 4)

    def forward(self, image):
        x = self.slopes(self.depth(image))
        x = x * nn.functional.hardsigmoid(self.excite(nn.functional.silu(self.squeeze(x.mean((2, 3), keepdim=True)))))
        y = self.up(nn.functional.hardswish(x))
        z = nn.functional.avg_pool2d(self.larger(y), 3, 2, 1)
        return torch.log_softmax(self.dense(torch.cat([nn.functional.leaky_relu(y), z], 1).flatten(1)), 1)


class Words(nn.Module):
    """A classifier of texts by an LSTM in both directions."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(9, 4)
        self.cell = nn.LSTM(4, 3, batch_first=True, bidirectional=True, num_layers=2)
        self.head = nn.Linear(6, 2)

    def forward(self, text):
        steps, _ = self.cell(self.words(text))
        return torch.softmax(self.head(steps[:, -1]), -1), self.head(steps.mean(1))


class States(nn.Module):
    """The last states of the upper of two LSTMs, in both directions."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTM(3, 2, batch_first=True, bidirectional=True, num_layers=2)
        self.head = nn.Linear(4, 2)

    def forward(self, steps):
        _, (last, _) = self.cell(steps)
        return self.head(torch.cat([last[-2], last[-1]], 1))


class Gated(nn.Module):
    """A GRU over steps that come first, and its last state."""

    def __init__(self):
        super().__init__()
        self.cell, self.plain = nn.GRU(3, 4), nn.RNN(4, 2, nonlinearity="relu")
        self.head = nn.Linear(2, 1)

    def forward(self, steps):
        _, last = self.plain(self.cell(steps)[0])
        return self.head(last[-1])


class Bag(nn.Module):
    """The mean of the vectors of words, normalized, and all functions that take several operators."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(7, 6)
        self.norm = nn.LayerNorm(6)
        self.dense = nn.Linear(6, 4)

    def forward(self, text):
        x = self.dense(self.norm(self.words(text).mean(1)))
        x = nn.functional.mish(nn.functional.gelu(x)) + nn.functional.gelu(x, approximate="tanh")
        return nn.functional.elu(nn.functional.softsign(x)) - torch.clamp(x, 0, 6)


def sequences():
    return nn.Sequential(
        nn.Conv1d(2, 4, 3, padding=1), nn.ReLU6(), nn.MaxPool1d(2), nn.Conv1d(4, 4, 3, stride=2, padding=1), nn.SELU(), nn.AvgPool1d(2), nn.Flatten(), nn.Linear(8, 3)
    )


def upsampled():
    return nn.Sequential(nn.ConvTranspose1d(2, 4, 4, stride=2, padding=1), nn.ReLU(), nn.ConvTranspose1d(4, 3, 3, stride=3, padding=2, output_padding=1))


def parted():
    return nn.Sequential(nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), nn.ReLU(), nn.ConvTranspose2d(6, 6, 2, stride=2, groups=6, bias=False))


def dense():
    return nn.Sequential(nn.Linear(4, 5), nn.SiLU(), nn.Dropout(0.25), nn.BatchNorm1d(5), nn.Linear(5, 5, bias=False), nn.Tanh(), nn.Linear(5, 3), nn.Softmax(1))


def torch_file(name, model, shape, *, words=None, turned=False, batch=0, fixed=False, version=17, outputs=("output",), image=False):
    """A model with random statistics, exported; its inputs and outputs as nnlab has them."""
    torch.manual_seed(1)
    model = model().eval()
    for part in model.modules():
        if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.uniform_(part.running_mean), nn.init.uniform_(part.running_var, 0.5, 2), nn.init.uniform_(part.weight, 0.5, 2), nn.init.normal_(part.bias)
    rows = [1 if fixed and axis == batch else length for axis, length in enumerate(shape)]
    sample = torch.randint(words, rows) if words else torch.randn(rows)
    torch.onnx.export(
        model,
        (sample,),
        FOLDER / f"{name}.onnx",
        dynamo=False,
        opset_version=version,
        input_names=["input"],
        output_names=list(outputs),
        dynamic_axes=None if fixed else {"input": {batch: "rows"}},
        training=torch.onnx.TrainingMode.PRESERVE if name == "dense" else torch.onnx.TrainingMode.EVAL,
        do_constant_folding=name != "dense",
    )
    given = golden.random(name).integers(0, words, shape) if words else golden.random(name).normal(size=shape).astype(np.float32)
    case(name, {"input": given}, outputs, turned=turned, batch=batch, fixed=fixed, image=image)


def hand_file(name, nodes, inputs, outputs, constants, version, given, names):
    graph = helper.make_graph(nodes, name, inputs, outputs, [numpy_helper.from_array(value, key) for key, value in constants.items()])
    sets = [helper.make_opsetid("", version), helper.make_opsetid("ai.onnx.ml", 1)]
    model = helper.make_model(graph, opset_imports=sets, ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, FOLDER / f"{name}.onnx")
    case(name, given, names)


def case(name, given, names, turned=False, batch=0, fixed=False, image=False):
    session = onnxruntime.InferenceSession(FOLDER / f"{name}.onnx", providers=["CPUExecutionProvider"])
    parts = [session.run(list(names), {key: np.take(value, [row], batch) for key, value in given.items()}) for row in range(ROWS)] if fixed else [session.run(list(names), given)]
    made = [np.concatenate(values) for values in zip(*parts)]
    made = [np.moveaxis(value, 1, -1) if image else value for value in made]
    own = {key: np.moveaxis(value, 1, -1) if turned else np.moveaxis(value, batch, 0) for key, value in given.items()}
    cases.append({"file": f"{name}.onnx", "inputs": [golden.flat(np.asarray(value, np.float32)) for value in own.values()], "outputs": [golden.flat(value) for value in made]})


def tensor(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def classifier():
    """A classifier of scikit-learn as skl2onnx writes it: numbers and labels."""
    random = golden.random("classifier")
    x, labels = random.normal(size=(60, 4)), random.integers(0, 3, 60)
    model = MLPClassifier((5, 4), "relu", max_iter=20, random_state=0).fit(x, labels)
    nodes, constants, last = [helper.make_node("Cast", ["X"], ["cast_input"], to=TensorProto.FLOAT)], {"classes": np.arange(3, dtype=np.int32), "shape_tensor": np.array([-1], np.int64)}, "cast_input"
    for i, (kernel, bias) in enumerate(zip(model.coefs_, model.intercepts_)):
        constants[f"coefficient{i or ''}"], constants[f"intercepts{i or ''}"] = kernel.astype(np.float32), bias.astype(np.float32).reshape(1, -1)
        nodes += [helper.make_node("MatMul", [last, f"coefficient{i or ''}"], [f"mul_result{i}"]), helper.make_node("Add", [f"mul_result{i}", f"intercepts{i or ''}"], [f"add_result{i}"])]
        last = f"add_result{i}" if i == 2 else f"next_activations{i}"
        if i < 2:
            nodes.append(helper.make_node("Relu", [f"add_result{i}"], [last]))
    nodes += [
        helper.make_node("Softmax", [last], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["argmax_output"], axis=1),
        helper.make_node("ArrayFeatureExtractor", ["classes", "argmax_output"], ["array_feature_extractor_result"], domain="ai.onnx.ml"),
        helper.make_node("Cast", ["array_feature_extractor_result"], ["cast_result"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["cast_result", "shape_tensor"], ["label"]),
    ]
    outputs = [tensor("label", TensorProto.INT64, [None]), tensor("probabilities", TensorProto.FLOAT, [None, 3])]
    hand_file("classifier", nodes, [tensor("X", TensorProto.FLOAT, [None, 4])], outputs, constants, 13, {"X": x[:ROWS].astype(np.float32)}, ["probabilities"])


def converted():
    """A network of Keras as tf2onnx writes it: images have their channels last, and functions are taken apart."""
    random = golden.random("converted")
    numbers = lambda *shape: random.normal(size=shape).astype(np.float32)
    node = helper.make_node
    constants = {
        "kernel": numbers(3, 2, 3, 3), "bias": numbers(3), "scale": numbers(3), "offset": numbers(3), "flat": np.array([-1, 27], np.int64), "half": np.float32(0.5), "root": np.float32(np.sqrt(2)), "one": np.float32(1),
        "dense": numbers(27, 6), "dense_bias": numbers(6), "two": np.float32(2), "epsilon": np.float32(0.01), "gamma": numbers(6), "beta": numbers(6), "last": numbers(6, 2), "last_bias": numbers(2),
    }
    nodes = [
        node("Transpose", ["image"], ["first"], perm=[0, 3, 1, 2]),
        node("Conv", ["first", "kernel", "bias"], ["conv"], kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER"),
        node("Transpose", ["conv"], ["last_again"], perm=[0, 2, 3, 1]),
        node("Mul", ["last_again", "scale"], ["scaled"]),
        node("Add", ["scaled", "offset"], ["normal"]),
        node("Div", ["normal", "root"], ["divided"]),
        node("Erf", ["divided"], ["erf"]),
        node("Add", ["erf", "one"], ["more"]),
        node("Mul", ["normal", "half"], ["halved"]),
        node("Mul", ["halved", "more"], ["gelu"]),
        node("Reshape", ["gelu", "flat"], ["flattened"]),
        node("MatMul", ["flattened", "dense"], ["product"]),
        node("Add", ["product", "dense_bias"], ["sum"]),
        node("ReduceMean", ["sum"], ["mean"], axes=[-1], keepdims=1),
        node("Sub", ["sum", "mean"], ["apart"]),
        node("Pow", ["apart", "two"], ["squares"]),
        node("ReduceMean", ["squares"], ["variance"], axes=[-1], keepdims=1),
        node("Add", ["variance", "epsilon"], ["enough"]),
        node("Sqrt", ["enough"], ["deviation"]),
        node("Div", ["apart", "deviation"], ["unit"]),
        node("Mul", ["unit", "gamma"], ["stretched"]),
        node("Add", ["stretched", "beta"], ["layer_normal"]),
        node("Sigmoid", ["layer_normal"], ["sigmoid"]),
        node("Mul", ["layer_normal", "sigmoid"], ["swish"]),
        node("MatMul", ["swish", "last"], ["logits"]),
        node("Add", ["logits", "last_bias"], ["label"]),
    ]
    given = {"image": golden.random("image").normal(size=(ROWS, 5, 6, 2)).astype(np.float32)}
    outputs = [tensor("label", TensorProto.FLOAT, ["rows", 2])]
    hand_file("converted", nodes, [tensor("image", TensorProto.FLOAT, ["rows", 5, 6, 2])], outputs, constants, 13, given, ["label"])


cases = []
FOLDER.mkdir(exist_ok=True)
torch_file("dense", dense, (ROWS, 4), version=12)
torch_file("residual", Residual, (ROWS, 3, 12, 16), turned=True, fixed=True)
torch_file("excited", Excited, (ROWS, 2, 4, 6), turned=True)
torch_file("sequences", sequences, (ROWS, 2, 16), turned=True)
torch_file("upsampled", upsampled, (ROWS, 2, 5), turned=True)
torch_file("parted", parted, (ROWS, 4, 3, 2), turned=True, image=True)
torch_file("words", Words, (ROWS, 5), words=9, outputs=("label", "mean"))
torch_file("gated", Gated, (5, ROWS, 3), batch=1)
torch_file("states", States, (ROWS, 5, 3))
torch_file("bag", Bag, (ROWS, 5), words=7, version=20)
classifier()
converted()
golden_file = pathlib.Path(__file__).with_name("onnx-imports.json")
golden_file.write_text(json.dumps({"cases": cases}, separators=(",", ":")) + "\n")
