import { encode } from 'fast-png'

import type { ExplainedRow } from '../../experiment/explained-rows.ts'
import { sizeOf } from '../../ir/ir.ts'
import { isImage } from '../text/image.ts'

/** Maximum pixels of an image that is put into a page; of a larger one, every n-th is. */
const MOST_PIXELS = 128 * 128

/** An array of pixels as a data URI; undefined for an array that is no image. */
export function imageUri({
  shape,
  values,
}: Pick<ExplainedRow['arrays'][number], 'shape' | 'values'>): string | undefined {
  if (!isImage(shape)) return undefined
  const [height = 0, width = 0, channels = 1] = shape
  const step = Math.ceil(Math.sqrt((height * width) / MOST_PIXELS))
  const [rows, columns] = [Math.floor(height / step), Math.floor(width / step)]
  const level = levelOf(values.subarray(0, sizeOf(shape)))
  const data = new Uint8Array(rows * columns * channels)
  for (let y = 0, at = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const from = (y * step * width + x * step) * channels
      for (let c = 0; c < channels; c++) data[at++] = level(values[from + c] ?? 0)
    }
  }
  const png = encode({ width: columns, height: rows, data, channels: channels === 3 ? 3 : 1, depth: 8 })
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}

/** Bytes are levels of brightness; other numbers reach from black, the lowest, to white. */
function levelOf(values: ExplainedRow['arrays'][number]['values']): (value: number) => number {
  if (values instanceof Uint8Array) return (value) => value
  let [low, high] = [0, 1]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return (value) => Math.round((255 * (value - low)) / (high - low))
}
