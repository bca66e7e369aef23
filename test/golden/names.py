"""The public names of Keras that a config may be expected to know: python names.py"""

import inspect

import golden
import keras

FAMILIES = {
    "layers": keras.layers,
    "activations": keras.activations,
    "initializers": keras.initializers,
    "regularizers": keras.regularizers,
    "constraints": keras.constraints,
    "losses": keras.losses,
    "metrics": keras.metrics,
    "optimizers": keras.optimizers,
    "schedules": keras.optimizers.schedules,
    "callbacks": keras.callbacks,
}

#: What handles components, and is none.
TOOLS = {"get", "serialize", "deserialize"}


def names(module):
    """The classes and functions of a module, and not its own modules."""
    return sorted(
        name
        for name, member in inspect.getmembers(module)
        if not name.startswith("_") and (inspect.isclass(member) or inspect.isfunction(member)) and name not in TOOLS
    )


def arguments(function):
    """The names of its arguments."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD and p.name != "self"]


def options(module):
    """The arguments of each class."""
    return {name: arguments(getattr(module, name).__init__) for name in names(module) if inspect.isclass(getattr(module, name))}


golden.write(
    __file__,
    {
        "families": {family: names(module) for family, module in FAMILIES.items()},
        "arguments": {
            "model": arguments(keras.Model.__init__) or ["inputs", "outputs", "name", "trainable"],
            "compile": arguments(keras.Model.compile),
            "fit": arguments(keras.Model.fit),
        },
        "options": {family: options(module) for family, module in FAMILIES.items()},
    },
)
