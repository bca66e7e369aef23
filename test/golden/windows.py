"""Golden windows of time series, made by Keras 3.15: python windows.py"""

import golden
import keras

CASES = [
    {"rows": 10, "steps": 3, "sampling_rate": 1, "sequence_stride": 1},
    {"rows": 20, "steps": 4, "sampling_rate": 3, "sequence_stride": 1},
    {"rows": 20, "steps": 3, "sampling_rate": 2, "sequence_stride": 4},
    {"rows": 12, "steps": 4, "sampling_rate": 1, "sequence_stride": 4},
    {"rows": 9, "steps": 1, "sampling_rate": 5, "sequence_stride": 2},
]


def windows(case):
    found = keras.utils.timeseries_dataset_from_array(
        list(range(case["rows"])),
        targets=None,
        sequence_length=case["steps"],
        sampling_rate=case["sampling_rate"],
        sequence_stride=case["sequence_stride"],
        batch_size=None,
    )
    return [[int(row) for row in window] for window in found]


golden.write(__file__, {"cases": [{**case, "windows": windows(case)} for case in CASES]})
