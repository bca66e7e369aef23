import type { Translate } from '../translation.ts'
import { conv, convTranspose } from './convolution.ts'
import { dropout } from './dropout.ts'
import { gemm, matmul } from './dense.ts'
import {
  added,
  cast,
  elementwise,
  multiplied,
  negative,
  noFunction,
  operands,
  prelu,
  quotient,
  same,
  subtracted,
} from './elementwise.ts'
import { gather } from './embedding.ts'
import { concat, merge } from './merge.ts'
import { batchNormalization, layerNormalization } from './normalization.ts'
import { globalPool, pool, reduce, sum } from './pooling.ts'
import { recurrent } from './recurrent.ts'
import { resize } from './resize.ts'
import { expand, flatten, pad, reshape, slice, split, squeeze, transpose, unsqueeze } from './shape.ts'
import { softmax } from './softmax.ts'
import { POINTWISE } from '../pointwise.ts'

/** Each operator as layers or views of layers. */
const PATTERNS: ReadonlyMap<string, Translate> = new Map<string, Translate>(
  Object.entries<Translate>({
    Add: operands('add', added),
    AveragePool: pool('average'),
    BatchNormalization: batchNormalization,
    Cast: elementwise(cast),
    Concat: concat,
    Conv: conv,
    ConvTranspose: convTranspose,
    Div: quotient,
    Dropout: dropout,
    Expand: expand,
    Flatten: flatten,
    GRU: recurrent('gru'),
    Gather: gather,
    Gemm: gemm,
    GlobalAveragePool: globalPool('average'),
    GlobalMaxPool: globalPool('max'),
    Identity: same,
    LSTM: recurrent('lstm'),
    LayerNormalization: layerNormalization,
    LogSoftmax: softmax('log_softmax'),
    MatMul: matmul,
    Max: operands('maximum'),
    MaxPool: pool('max'),
    Mean: merge('average'),
    Min: operands('minimum'),
    Mul: operands('multiply', multiplied),
    Neg: elementwise(negative),
    PRelu: prelu,
    Pad: pad,
    RNN: recurrent('simple_rnn'),
    ReduceMax: reduce('max'),
    ReduceMean: reduce('average'),
    ReduceSum: sum,
    Reshape: reshape,
    Resize: resize,
    Slice: slice,
    Softmax: softmax('softmax'),
    Split: split,
    Squeeze: squeeze,
    Sub: operands('subtract', subtracted),
    Sum: operands('add', added),
    Transpose: transpose,
    Unsqueeze: unsqueeze,
    Upsample: resize,
    'ai.onnx.ml.ZipMap': same,
  }),
)

/** The way to translate an operator; undefined for one that nnlab does not know. */
export function patternOf(op: string): Translate | undefined {
  return PATTERNS.get(op) ?? (POINTWISE.has(op) ? elementwise(noFunction) : undefined)
}
