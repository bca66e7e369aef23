// Products with weights: MatMul and Gemm. What is added to them is their bias, which functions.ts finds.
import { mapFloat32 } from '../../../../float-arrays.ts'
import { layerOf } from '../layer.ts'
import { Refusal } from '../refusal.ts'
import type { KnownTensor } from '../tensor.ts'
import { isView } from '../translation.ts'
import type { AppliedNode } from '../translation.ts'
import { along, arranged, BATCH, placesOf } from '../view.ts'
import type { View } from '../view.ts'

export function matmul(operation: AppliedNode): View {
  if (operation.values().every(isView)) return dot(operation.view(), operation.view(1))
  return dense(operation.view(), operation.requireKnown(1), undefined, operation.label(1))
}

export function gemm(operation: AppliedNode): View {
  const { node } = operation
  if (node.integer('transA', 0) !== 0) throw new Refusal('its first operand is transposed')
  const [alpha, beta] = [node.float('alpha', 1), node.float('beta', 1)]
  const { shape, data } = operation.requireKnown(1)
  const scaled = { shape, data: mapFloat32(data, (x) => alpha * x) }
  const kernel = node.integer('transB', 0) === 0 ? scaled : transposedMatrix(scaled)
  const added = operation.known(2)
  const units = kernel.shape[1] ?? 0
  if (added && added.data.length !== 1 && (added.data.length !== units || added.shape.at(-1) !== units))
    throw new Refusal(`it adds [${added.shape.join(', ')}] to ${units} units`)
  const bias =
    added && mapFloat32({ length: units }, (_, i) => beta * (added.data[i % added.data.length] ?? NaN))
  return dense(operation.view(), kernel, bias, operation.label(1))
}

function transposedMatrix({ shape: [rows = 0, columns = 0], data }: KnownTensor): KnownTensor {
  const turned = mapFloat32(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? NaN)
  return { shape: [columns, rows], data: turned }
}

/** A layer along the last axis. Where that is several axes of a layer, the rows of the kernel are put in their order. */
function dense(
  x: View,
  kernel: KnownTensor,
  bias: Float32Array | undefined,
  label: string | undefined,
): View {
  const [rows = 0, units = 0] = kernel.shape
  if (kernel.shape.length !== 2) throw new Refusal(`weights of [${kernel.shape.join(', ')}]`)
  const features = x.axes.at(-1) ?? []
  const inOrder = features.toSorted((a, b) => a - b)
  const places = placesOf(features, inOrder, x.lengths)
  if (places.length !== rows) throw new Refusal(`${rows} rows of weights for ${places.length} features`)
  const ordered = new Float32Array(rows * units)
  places.forEach((place, row) => {
    for (let unit = 0; unit < units; unit++)
      ordered[place * units + unit] = kernel.data[row * units + unit] ?? NaN
  })
  const made = along(x, [inOrder], (input) =>
    layerOf('dense', [input], {
      options: { units, ...(bias === undefined && { use_bias: false }) },
      weights: { kernel: ordered, ...(bias && { bias }) },
      label,
    }),
  )
  return made.view([...x.axes.slice(0, -1).map(made.kept), ...made.own])
}

/** Products of [rows, m, k] and [rows, k, n], whose axes but those of rows may have no length. */
function dot(x: View, y: View): View {
  const [[rows = [], m = [], k = []], [others = [], own = [], n = []]] = [x.axes, y.axes]
  if (x.axes.length !== 3 || y.axes.length !== 3) throw new Refusal('tensors of other than three axes')
  const isTurned = n.length > 0 && Math.min(...n) < Math.min(...own)
  const sides = [
    arranged(x, [rows, ...(m.length > 0 ? [m] : []), k]),
    arranged(y, isTurned ? [others, n, own] : [others, own, ...(n.length > 0 ? [n] : [])]),
  ]
  const axes = [m.length > 0 ? 2 : 1, isTurned ? 2 : 1]
  const layer = layerOf('dot', sides, { options: { axes } })
  const lengths = [x.lengths[BATCH] ?? 1, ...layer.shape]
  return {
    layer,
    lengths,
    axes: [[BATCH], m.length > 0 ? [1] : [], n.length > 0 ? [m.length > 0 ? 2 : 1] : []],
  }
}
