// The ops as their definitions read, in float64, one output element at a time: slow, obvious, and independent of tfjs.

export type Shape = readonly number[]
export type NdArray = { readonly shape: Shape; readonly values: Float64Array }
type Index = readonly number[]

export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1)

/** Every index of a shape, in row-major order. */
export function* indices(shape: Shape): Generator<number[]> {
  const index = shape.map(() => 0)
  for (let count = sizeOf(shape); count > 0; count--) {
    yield [...index]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = nth(index, axis) + 1
      if (nth(index, axis) < nth(shape, axis)) break
      index[axis] = 0
    }
  }
}

export function build(shape: Shape, element: (index: number[]) => number): NdArray {
  return { shape, values: Float64Array.from(indices(shape), element) }
}

/** The element at an index, or 0 outside of the array. */
export function at({ shape, values }: NdArray, index: Index): number {
  let offset = 0
  for (const [axis, size] of shape.entries()) {
    const i = nth(index, axis)
    if (i < 0 || i >= size) return 0
    offset = offset * size + i
  }
  return nth(values, offset)
}

export function nth(list: ArrayLike<number>, i: number): number {
  const value = list[i]
  if (value === undefined) throw new RangeError(`no element ${i} in ${list.length}`)
  return value
}

function sum(shape: Shape, term: (index: number[]) => number): number {
  let total = 0
  for (const index of indices(shape)) total += term(index)
  return total
}

/** An elementwise function, with numpy's broadcasting. */
export function elementwise(f: (...values: number[]) => number) {
  return (...inputs: NdArray[]): NdArray => {
    const shape = inputs.map(({ shape }) => shape).reduce(broadcastShapes)
    return build(shape, (index) => f(...inputs.map((input) => at(input, broadcastIndex(input.shape, index)))))
  }
}

function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) =>
    Math.max(a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1),
  )
}

const broadcastIndex = (shape: Shape, index: Index): number[] =>
  shape.map((size, axis) => (size === 1 ? 0 : nth(index, axis + index.length - shape.length)))

export const broadcastTo = (x: NdArray, shape: Shape): NdArray =>
  build(shape, (index) => at(x, broadcastIndex(x.shape, index)))

export function reduce(
  x: NdArray,
  axes: readonly number[],
  f: (values: number[]) => number,
  keepDims = false,
) {
  const reduced = x.shape.filter((_, axis) => axes.includes(axis))
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const y = build(kept, (index) =>
    f(
      [...indices(reduced)].map((r) =>
        at(
          x,
          index.map((i, axis) => r[axes.indexOf(axis)] ?? i),
        ),
      ),
    ),
  )
  return keepDims ? y : { ...y, shape: x.shape.filter((_, axis) => !axes.includes(axis)) }
}

/** [..., m, k] times [..., k, n], the leading axes equal; transposed operands are stored as [..., k, m] and [..., n, k]. */
export function matMul(a: NdArray, b: NdArray, transposeA = false, transposeB = false): NdArray {
  const [m = 0, k = 0] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2)
  const n = nth(b.shape, b.shape.length - (transposeB ? 2 : 1))
  return build([...a.shape.slice(0, -2), m, n], (index) => {
    const batch = index.slice(0, -2)
    const [i = 0, j = 0] = index.slice(-2)
    return sum([k], ([l = 0]) => {
      return (
        at(a, [...batch, ...(transposeA ? [l, i] : [i, l])]) *
        at(b, [...batch, ...(transposeB ? [j, l] : [l, j])])
      )
    })
  })
}

export const transpose = (x: NdArray, perm: readonly number[]): NdArray =>
  build(
    perm.map((axis) => nth(x.shape, axis)),
    (index) =>
      at(
        x,
        x.shape.map((_, axis) => nth(index, perm.indexOf(axis))),
      ),
  )

export const reshape = (x: NdArray, shape: Shape): NdArray => ({ shape, values: x.values })

export const reverse = (x: NdArray, axes: readonly number[]): NdArray =>
  build(x.shape, (index) =>
    at(
      x,
      index.map((i, axis) => (axes.includes(axis) ? nth(x.shape, axis) - 1 - i : i)),
    ),
  )

export const slice = (x: NdArray, begin: readonly number[], size: Shape): NdArray =>
  build(size, (index) =>
    at(
      x,
      index.map((i, axis) => i + nth(begin, axis)),
    ),
  )

export const pad = (x: NdArray, paddings: readonly (readonly [number, number])[]): NdArray =>
  build(
    x.shape.map((size, axis) => size + (paddings[axis] ?? [0, 0])[0] + (paddings[axis] ?? [0, 0])[1]),
    (index) =>
      at(
        x,
        index.map((i, axis) => i - (paddings[axis] ?? [0, 0])[0]),
      ),
  )

export function concat(inputs: readonly NdArray[], axis: number): NdArray {
  const ends: number[] = []
  for (const { shape } of inputs) ends.push((ends.at(-1) ?? 0) + nth(shape, axis))
  const first = inputs[0]?.shape ?? []
  return build(first.with(axis, ends.at(-1) ?? 0), (index) => {
    const which = ends.findIndex((end) => nth(index, axis) < end)
    const input = inputs[which]
    return input ? at(input, index.with(axis, nth(index, axis) - (ends[which - 1] ?? 0))) : NaN
  })
}

export const tile = (x: NdArray, reps: readonly number[]): NdArray =>
  build(
    x.shape.map((size, axis) => size * nth(reps, axis)),
    (index) =>
      at(
        x,
        index.map((i, axis) => i % nth(x.shape, axis)),
      ),
  )

export const gather = (x: NdArray, picks: readonly number[], axis: number): NdArray =>
  build(x.shape.with(axis, picks.length), (index) => at(x, index.with(axis, nth(picks, nth(index, axis)))))

/** Rows of `x` summed by segment; a negative segment drops its row. */
export const segmentSum = (x: NdArray, segments: readonly number[], count: number): NdArray =>
  build([count, ...x.shape.slice(1)], ([segment = 0, ...rest]) =>
    sum([segments.length], ([row = 0]) => (segments[row] === segment ? at(x, [row, ...rest]) : 0)),
  )

export type Window = {
  size: Shape
  strides: readonly number[]
  dilations?: readonly number[]
  pad: 'valid' | 'same'
}

/** Output size and padding before the first element of each spatial axis, as TensorFlow counts them. */
function windowGeometry(spatial: Shape, { size, strides, dilations, pad }: Window) {
  const extent = size.map((n, axis) => (n - 1) * (dilations?.[axis] ?? 1) + 1)
  const outputs = spatial.map((n, axis) =>
    Math.ceil((pad === 'same' ? n : n - nth(extent, axis) + 1) / nth(strides, axis)),
  )
  const before = spatial.map((n, axis) => {
    const needed = (nth(outputs, axis) - 1) * nth(strides, axis) + nth(extent, axis) - n
    return pad === 'same' ? Math.floor(Math.max(needed, 0) / 2) : 0
  })
  return {
    outputs,
    position: (output: Index, tap: Index) =>
      tap.map(
        (t, axis) =>
          nth(output, axis) * nth(strides, axis) + t * (dilations?.[axis] ?? 1) - nth(before, axis),
      ),
  }
}

/** x [n, ...spatial, c], filter [...taps, c, k]: cross-correlation of any spatial rank, channels last. */
export function conv(x: NdArray, filter: NdArray, window: Omit<Window, 'size'>): NdArray {
  const taps = filter.shape.slice(0, -2)
  const [channels = 0, filters = 0] = filter.shape.slice(-2)
  const { outputs, position } = windowGeometry(x.shape.slice(1, -1), { ...window, size: taps })
  return build([nth(x.shape, 0), ...outputs, filters], (index) =>
    sum([...taps, channels], (tap) => {
      const c = nth(tap, taps.length)
      const spatial = position(index.slice(1, -1), tap.slice(0, -1))
      return (
        at(x, [nth(index, 0), ...spatial, c]) *
        at(filter, [...tap.slice(0, -1), c, nth(index, index.length - 1)])
      )
    }),
  )
}

/** The transpose of `conv`: y [n, ...spatial, k] back to [n, ...inputs, c]. */
export function convTranspose(
  y: NdArray,
  filter: NdArray,
  inputs: Shape,
  window: Omit<Window, 'size'>,
): NdArray {
  const taps = filter.shape.slice(0, -2)
  const [channels = 0, filters = 0] = filter.shape.slice(-2)
  const { position } = windowGeometry(inputs, { ...window, size: taps })
  const x = build([nth(y.shape, 0), ...inputs, channels], () => 0)
  const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)))
  for (const output of indices(y.shape.slice(0, -1))) {
    for (const tap of indices(taps)) {
      const spatial = position(output.slice(1), tap)
      if (spatial.some((i, axis) => i < 0 || i >= nth(inputs, axis))) continue
      for (let c = 0; c < channels; c++) {
        const offset = [nth(output, 0), ...spatial, c].reduce((o, i, axis) => o + i * nth(strides, axis), 0)
        x.values[offset] =
          nth(x.values, offset) +
          sum([filters], ([k = 0]) => at(y, [...output, k]) * at(filter, [...tap, c, k]))
      }
    }
  }
  return x
}

/** x [n, h, w, c], filter [r, s, c, m] gives [n, h', w', c * m]. */
export function depthwiseConv(x: NdArray, filter: NdArray, window: Omit<Window, 'size'>): NdArray {
  const [r = 0, s = 0, channels = 0, multiplier = 0] = filter.shape
  const { outputs, position } = windowGeometry(x.shape.slice(1, -1), { ...window, size: [r, s] })
  return build([nth(x.shape, 0), ...outputs, channels * multiplier], ([n = 0, i = 0, j = 0, q = 0]) => {
    const c = Math.floor(q / multiplier)
    return sum(
      [r, s],
      (tap) => at(x, [n, ...position([i, j], tap), c]) * at(filter, [...tap, c, q % multiplier]),
    )
  })
}

/** Max or mean over the elements of each window that lie inside x [n, ...spatial, c]. */
export function pool(x: NdArray, kind: 'max' | 'avg', window: Window): NdArray {
  const inputs = x.shape.slice(1, -1)
  const { outputs, position } = windowGeometry(inputs, window)
  return build([nth(x.shape, 0), ...outputs, nth(x.shape, x.shape.length - 1)], (index) => {
    const inside = [...indices(window.size)]
      .map((tap) => position(index.slice(1, -1), tap))
      .filter((spatial) => spatial.every((i, axis) => i >= 0 && i < nth(inputs, axis)))
      .map((spatial) => at(x, [nth(index, 0), ...spatial, nth(index, index.length - 1)]))
    return kind === 'max' ? Math.max(...inside) : inside.reduce((a, b) => a + b, 0) / inside.length
  })
}

/** x [n, h, w, c] resized as TensorFlow's image ops do. */
export function resize(
  x: NdArray,
  [height, width]: readonly [number, number],
  kind: 'nearest' | 'bilinear',
  centers: 'legacy' | 'half_pixel' | 'align_corners',
): NdArray {
  const source = (i: number, from: number, to: number): [number, number][] => {
    const scale = centers === 'align_corners' && to > 1 ? (from - 1) / (to - 1) : from / to
    const clamp = (n: number) => Math.min(Math.max(n, 0), from - 1)
    if (kind === 'nearest') {
      const exact = centers === 'half_pixel' ? (i + 0.5) * scale : i * scale
      return [[clamp(centers === 'align_corners' ? Math.round(exact) : Math.floor(exact)), 1]]
    }
    const exact = centers === 'half_pixel' ? (i + 0.5) * scale - 0.5 : i * scale
    const low = Math.floor(exact)
    return [
      [clamp(low), 1 - (exact - low)],
      [clamp(low + 1), exact - low],
    ]
  }
  const [n = 0, h = 0, w = 0, channels = 0] = x.shape
  return build([n, height, width, channels], ([b = 0, i = 0, j = 0, c = 0]) => {
    let value = 0
    for (const [row, rowWeight] of source(i, h, height)) {
      for (const [column, weight] of source(j, w, width))
        value += rowWeight * weight * at(x, [b, row, column, c])
    }
    return value
  })
}
