"""PyTorch, eager and compiled, with a hand-written loop over batches of tensors in memory."""

import common
import torch
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "gelu": nn.GELU, "elu": nn.ELU, "selu": nn.SELU}
RECURRENT = {"lstm": nn.LSTM, "gru": nn.GRU, "simple_rnn": nn.RNN}


class ChannelsFirst(nn.Module):
    def forward(self, x):
        return x.movedim(-1, 1)


class ChannelsLast(nn.Module):
    def forward(self, x):
        return x.movedim(1, -1)


class Pooled(nn.Module):
    """A mean or maximum over all places of [batch, places..., channels]."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def forward(self, x):
        places = tuple(range(1, x.dim() - 1))
        return x.mean(places) if self.kind == "average" else x.amax(places)


class Recurrent(nn.Module):
    def __init__(self, kind, features, units, sequences, bidirectional):
        super().__init__()
        self.cells = RECURRENT[kind](features, units, batch_first=True, bidirectional=bidirectional)
        self.sequences = sequences
        self.units = units if bidirectional else None

    def forward(self, x):
        outputs, _ = self.cells(x)
        if self.sequences:
            return outputs
        if self.units is None:
            return outputs[:, -1]
        return torch.cat([outputs[:, -1, : self.units], outputs[:, 0, self.units :]], -1)


class Convolution(nn.Module):
    """Kernels over [batch, places..., channels]; torch has the channels in front."""

    def __init__(self, kernels):
        super().__init__()
        self.layers = nn.Sequential(ChannelsFirst(), *kernels, ChannelsLast())

    def forward(self, x):
        return self.layers(x)


def each(value, count):
    return list(value) if isinstance(value, list) else [value] * count


def convolution(config, shape):
    kind = config["type"]
    rank = int(kind[-2])
    make = {1: nn.Conv1d, 2: nn.Conv2d}[rank]
    size, strides = each(config["kernel_size"], rank), each(config.get("strides", 1), rank)
    same = config.get("padding", "valid") == "same"
    places = [(n + s - 1) // s if same else (n - k) // s + 1 for n, k, s in zip(shape, size, strides)]
    # Where the strides are not 1, torch has no "same": as many zeros on both sides are as much work.
    padding = [(k - 1) // 2 for k in size] if same else 0
    channels, depth = shape[-1], config.get("depth_multiplier", 1)
    depthwise = make(channels, channels * depth, size, strides, padding, groups=channels, bias=kind.startswith("depthwise"))
    if kind.startswith("depthwise"):
        return Convolution([depthwise]), [*places, channels * depth]
    if kind.startswith("separable"):
        return Convolution([depthwise, make(channels * depth, config["filters"], 1)]), [*places, config["filters"]]
    return Convolution([make(channels, config["filters"], size, strides, padding)]), [*places, config["filters"]]


def pooling(config, shape):
    kind = config["type"]
    rank = int(kind[-2])
    size = each(config.get("pool_size", 2), rank)
    names = {"max": (nn.MaxPool1d, nn.MaxPool2d), "average": (nn.AvgPool1d, nn.AvgPool2d)}
    module = names[kind.split("_")[0]][rank - 1](size)
    return Convolution([module]), [*(n // k for n, k in zip(shape, size)), shape[-1]]


def module_of(config, shape):
    """The module of a layer and the shape that it gives, channels last as in Keras."""
    kind = config["type"]
    if kind == "dense":
        return nn.Linear(shape[-1], config["units"]), [*shape[:-1], config["units"]]
    if kind == "dropout":
        return nn.Dropout(config["rate"]), shape
    if kind == "flatten":
        return nn.Flatten(), [torch.Size(shape).numel()]
    if kind == "embedding":
        return nn.Embedding(config["input_dim"], config["output_dim"]), [*shape, config["output_dim"]]
    if kind == "batch_normalization":
        norm = {1: nn.BatchNorm1d, 2: nn.BatchNorm1d, 3: nn.BatchNorm2d}[len(shape)](shape[-1], eps=1e-3, momentum=0.01)
        return (norm if len(shape) == 1 else Convolution([norm])), shape
    if kind == "layer_normalization":
        return nn.LayerNorm(shape[-1], eps=1e-3), shape
    if kind in ACTIVATIONS:
        return ACTIVATIONS[kind](), shape
    if kind == "bidirectional" or kind in RECURRENT:
        inner = config.get("layer", config)
        units, sequences = inner["units"], inner.get("return_sequences", False)
        width = 2 * units if kind == "bidirectional" else units
        module = Recurrent(inner["type"], shape[-1], units, sequences, kind == "bidirectional")
        return module, [shape[0], width] if sequences else [width]
    if kind.startswith("global_"):
        return Pooled(kind.split("_")[1]), shape[-1:]
    if "_pooling" in kind:
        return pooling(config, shape)
    if "conv" in kind:
        return convolution(config, shape)
    raise ValueError(f"the PyTorch peer has no {kind}")


def build(network):
    modules = []
    shape = list(network["input"])
    for config in network["layers"]:
        module, shape = module_of(config, shape)
        modules.append(module)
        activation = config.get("activation", "linear")
        if activation != "linear" and config is not network["layers"][-1]:
            modules.append(ACTIVATIONS[activation]())
    return nn.Sequential(*modules)  # Ends with logits: the losses take them.


def prepare(network):
    x, y = (torch.from_numpy(array) for array in common.rows_of(network))
    batch = network["batch"]
    if network["loss"] == "binary_crossentropy":
        loss_of, y = nn.BCEWithLogitsLoss(), y.float().reshape(-1, 1)
    else:
        loss_of, y = nn.CrossEntropyLoss(), y.long()
    for name, wrap in [("eager", None), ("compiled", torch.compile)]:
        model = build(network)
        rate = network["optimizer"]["learning_rate"]
        if network["optimizer"]["type"] == "sgd":
            optimizer = torch.optim.SGD(model.parameters(), rate)
        else:
            optimizer = torch.optim.Adam(model.parameters(), rate, fused=True)
        forward = model if wrap is None else wrap(model)

        def run(steps, forward=forward, optimizer=optimizer):
            order = torch.randperm(len(x))
            for step in range(steps):
                rows = order[step * batch % len(x) :][:batch]
                optimizer.zero_grad(set_to_none=True)
                loss_of(forward(x[rows]), y[rows]).backward()
                optimizer.step()

        yield f"{name}", run, max(10, -(-len(x) // batch))


common.converse(prepare)
