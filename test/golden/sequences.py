"""Golden sequences of ids, padded and cut off by Keras 3.15: python sequences.py"""

import golden
import keras

LISTS = [[3, 1, 2], [4], [], [5, 6, 7, 8, 9], [10, 11, 12, 13]]


def padded(padding, truncating):
    ids = keras.utils.pad_sequences(LISTS, maxlen=4, padding=padding, truncating=truncating)
    return {"padding": padding, "truncating": truncating, "ids": ids.reshape(-1)}


ENDS = ["pre", "post"]
golden.write(__file__, {"lists": LISTS, "cases": [padded(a, b) for a in ENDS for b in ENDS]})
