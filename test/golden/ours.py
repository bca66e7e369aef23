"""
Reference implementations of the components that Keras lacks, in Keras's terms and under names as Keras would give them:
activations as functions of a tensor, everything else as classes. Write them from the paper, not from src/, and in TensorFlow or
keras.ops, so that their gradients follow.
"""

import fnmatch

import keras


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Smith and Topin (2018), as PyTorch's OneCycleLR without a cycle of the momentum; afterwards, the last rate stays."""

    def __init__(self, max_learning_rate, total_steps, **options):
        import torch

        self.options = {"max_learning_rate": max_learning_rate, "total_steps": total_steps, **options}
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
        options = {"max_lr": max_learning_rate, "total_steps": total_steps, "cycle_momentum": False, **options}
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, **options)
        self.rates = schedule.get_last_lr()
        for _ in range(total_steps - 1):
            optimizer.step()
            schedule.step()
            self.rates += schedule.get_last_lr()

    def __call__(self, step):
        last = keras.ops.minimum(keras.ops.cast(step, "int32"), len(self.rates) - 1)
        return keras.ops.take(keras.ops.convert_to_tensor(self.rates, "float32"), last)

    def get_config(self):
        return self.options


class Diagnose(keras.callbacks.Callback):
    """Watches the training and changes nothing."""

    def __init__(self, freq=1):
        super().__init__()


class Mlflow(keras.callbacks.Callback):
    """Tells a server of the training and changes nothing."""

    def __init__(self, uri, experiment=None):
        super().__init__()


class Unfreeze(keras.callbacks.Callback):
    """Trains frozen layers from the end of epoch `at` on, at a learning rate where one is given."""

    def __init__(self, at, layers, learning_rate=None):
        super().__init__()
        self.epochs = int(at.split()[0])
        self.names = layers
        self.learning_rate = learning_rate

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 != self.epochs:
            return
        for layer in self.model.layers:
            layer.trainable = layer.trainable or any(fnmatch.fnmatchcase(layer.name, name) for name in self.names)
        if self.learning_rate is not None:
            self.model.optimizer.learning_rate = self.learning_rate
