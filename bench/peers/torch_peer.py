"""PyTorch, eager and compiled, with a hand-written loop over batches of tensors in memory."""

import common
import torch
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(1)


class ChannelsFirst(nn.Module):
    def forward(self, x):
        return x.permute(0, 3, 1, 2)


def build(network):
    modules = []
    shape = list(network["input"])
    if len(shape) == 3:
        modules.append(ChannelsFirst())
        shape = [shape[2], shape[0], shape[1]]
    for config in network["layers"]:
        kind = config["type"]
        if kind == "dense":
            modules.append(nn.Linear(shape[-1], config["units"]))
            shape = [*shape[:-1], config["units"]]
        elif kind == "dropout":
            modules.append(nn.Dropout(config["rate"]))
        elif kind == "conv2d":
            modules.append(nn.Conv2d(shape[0], config["filters"], config["kernel_size"]))
            shape = [config["filters"], *(n - config["kernel_size"] + 1 for n in shape[1:])]
        elif kind == "max_pooling2d":
            modules.append(nn.MaxPool2d(2))
            shape = [shape[0], shape[1] // 2, shape[2] // 2]
        elif kind == "flatten":
            modules.append(nn.Flatten())
            shape = [torch.Size(shape).numel()]
        elif kind == "embedding":
            modules.append(nn.Embedding(config["input_dim"], config["output_dim"]))
            shape = [*shape, config["output_dim"]]
        elif kind == "global_average_pooling1d":
            modules.append(Mean())
            shape = shape[1:]
        elif kind == "batch_normalization":
            modules.append(nn.BatchNorm1d(shape[-1], eps=1e-3, momentum=0.01))
        elif kind == "relu":
            modules.append(nn.ReLU())
        if config.get("activation") in ACTIVATIONS and config is not network["layers"][-1]:
            modules.append(ACTIVATIONS[config["activation"]]())
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
