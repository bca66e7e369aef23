"""Golden learning rates for every schedule, made by Keras 3.15 on TensorFlow: python schedules.py"""

import golden  # First: it sets up the environment that Keras reads.
import keras

STEPS = [*range(0, 33), 39, 40, 41, 50, 64, 69, 70, 71, 75, 99, 100, 150, 151, 310, 1000, 100000]
VARIANTS = {
    "CosineDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 30},
        {"initial_learning_rate": 0.1, "decay_steps": 30, "alpha": 0.2},
        {"initial_learning_rate": 0.01, "decay_steps": 30, "warmup_target": 0.1, "warmup_steps": 10},
        {"initial_learning_rate": 0.0, "decay_steps": 30, "alpha": 0.1, "warmup_target": 0.1, "warmup_steps": 7},
        {"initial_learning_rate": 0.01, "decay_steps": 30, "warmup_target": 0.1},
    ],
    "CosineDecayRestarts": [
        {"initial_learning_rate": 0.1, "first_decay_steps": 10},
        {"initial_learning_rate": 0.1, "first_decay_steps": 10, "t_mul": 1.0, "m_mul": 0.9},
        {"initial_learning_rate": 0.1, "first_decay_steps": 7, "t_mul": 1.5, "m_mul": 0.5, "alpha": 0.1},
    ],
    "ExponentialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9, "staircase": True},
    ],
    "InverseTimeDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": True},
    ],
    "OneCycle": [
        {"max_learning_rate": 0.1, "total_steps": 100},
        {"max_learning_rate": 0.5, "total_steps": 40, "pct_start": 0.25, "div_factor": 10.0, "final_div_factor": 100.0},
        {"max_learning_rate": 0.1, "total_steps": 2},
    ],
    "PiecewiseConstantDecay": [
        {"boundaries": [10, 40, 70], "values": [0.1, 0.05, 0.02, 0.001]},
        {"boundaries": [3], "values": [0.1, 0.5]},
    ],
    "PolynomialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 30},
        {"initial_learning_rate": 0.1, "decay_steps": 30, "power": 2.5, "end_learning_rate": 0.01},
        {"initial_learning_rate": 0.1, "decay_steps": 30, "cycle": True},
        {"initial_learning_rate": 0.1, "decay_steps": 7, "cycle": True, "power": 0.5, "end_learning_rate": 0.0},
    ],
}

cases, defaults = [], {}
for name, variants in VARIANTS.items():
    schedule_class = golden.reference(keras.optimizers.schedules, name)
    type_name = keras.src.utils.naming.to_snake_case(name)
    if not golden.lacks(name):
        defaults[type_name] = golden.defaults(schedule_class)
    for options in variants:
        schedule = schedule_class(**options)
        cases.append({"type": type_name, "options": options, "rates": [float(schedule(step)) for step in STEPS]})

golden.write(__file__, {"keras": keras.__version__, "defaults": defaults, "steps": STEPS, "cases": cases})
