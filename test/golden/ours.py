"""
Reference implementations of the components that Keras lacks, in Keras's terms and under names as Keras would give them:
activations as functions of a tensor, everything else as classes. Write them from the paper, not from src/, and in TensorFlow or
keras.ops, so that their gradients follow.
"""
