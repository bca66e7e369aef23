// The gradients of tfjs's image resizing disregard half-pixel centres, and cpu's nearest neighbour mixes up the images
// of a batch.
import { given, valuesOf } from './fix.ts'
import type { Attrs, GradientFix, SavedForGradient } from './fix.ts'
import type { Tensor, Tf } from '../backend.ts'

type Share = readonly [position: number, weight: number]
type Interpolation = (output: number, from: number, to: number, attrs: Attrs) => readonly Share[]

/** The position before the input that an output position looks at. */
function look(output: number, from: number, to: number, { alignCorners, halfPixelCenters }: Attrs): number {
  const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to
  return halfPixelCenters ? (output + 0.5) * scale - 0.5 : output * scale
}

const nearest: Interpolation = (output, from, to, attrs) => {
  const exact = look(output, from, to, attrs) + (attrs.halfPixelCenters ? 0.5 : 0)
  const position = attrs.alignCorners ? Math.round(exact) : Math.floor(exact)
  return [[Math.min(position, from - 1), 1]]
}

const bilinear: Interpolation = (output, from, to, attrs) => {
  const exact = look(output, from, to, attrs)
  const low = Math.floor(exact)
  return [
    [Math.max(low, 0), 1 - (exact - low)],
    [Math.min(low + 1, from - 1), exact - low],
  ]
}

function resizeGradient(tf: Tf, { dy, inputs, attrs }: SavedForGradient, sources: Interpolation): Tensor {
  const { shape } = given(inputs, 'images')
  const [batch = 0, height = 0, width = 0, channels = 0] = shape
  const [, tall = 0, wide = 0] = dy.shape
  const from = valuesOf({ dy }, 'dy')
  const dx = new Float32Array(batch * height * width * channels)
  const rows = Array.from({ length: tall }, (_, i) => sources(i, height, tall, attrs))
  const columns = Array.from({ length: wide }, (_, i) => sources(i, width, wide, attrs))
  let at = 0
  for (let n = 0; n < batch; n++) {
    for (const row of rows) {
      for (const column of columns) {
        for (const [y, rowWeight] of row) {
          for (const [x, weight] of column) {
            const to = ((n * height + y) * width + x) * channels
            for (let c = 0; c < channels; c++) {
              dx[to + c] = (dx[to + c] ?? 0) + rowWeight * weight * (from[at + c] ?? 0)
            }
          }
        }
        at += channels
      }
    }
  }
  return tf.tensor(dx, shape)
}

export const resizeGradients: readonly GradientFix[] = [
  {
    kernelName: 'ResizeNearestNeighbor',
    saves: ['images'],
    gradient: (tf, saved) => ({ images: () => resizeGradient(tf, saved, nearest) }),
  },
  {
    kernelName: 'ResizeBilinear',
    saves: ['images'],
    gradient: (tf, saved) => ({ images: () => resizeGradient(tf, saved, bilinear) }),
  },
]
