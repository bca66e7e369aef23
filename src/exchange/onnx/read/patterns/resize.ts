import { Refusal } from '../refusal.ts'
import type { AppliedNode } from '../translation.ts'
import { shapeOf } from '../view.ts'
import type { View } from '../view.ts'
import { channelsFirst, short } from './convolution.ts'

/** The place in an image of the pixel `i` of one that is `factor` times as large. */
const PLACES: ReadonlyMap<string, (i: number, factor: number) => number> = new Map([
  ['asymmetric', (i, factor) => i / factor],
  ['half_pixel', (i, factor) => (i + 0.5) / factor - 0.5],
  ['pytorch_half_pixel', (i, factor) => (i + 0.5) / factor - 0.5],
  ['tf_half_pixel_for_nn', (i, factor) => (i + 0.5) / factor],
])

const ROUNDINGS: ReadonlyMap<string, (place: number) => number> = new Map([
  ['ceil', Math.ceil],
  ['floor', Math.floor],
  ['round_prefer_ceil', (place) => Math.floor(place + 0.5)],
  ['round_prefer_floor', (place) => Math.ceil(place - 0.5)],
])

/** True where each pixel becomes `factor` equal ones: the places of the first and the last of them round to it. */
function repeats(factor: number, places: string, rounding: string): boolean {
  const [placeOf, rounded] = [PLACES.get(places), ROUNDINGS.get(rounding)]
  return [0, factor - 1].every((i) => placeOf && rounded?.(placeOf(i, factor)) === 0)
}

/** Images made larger by whole numbers. */
export function resize(operation: AppliedNode): View {
  const { node } = operation
  const x = operation.view()
  const shape = shapeOf(x)
  const given = [1, 2, 3].map((at) => operation.known(at)?.data)
  const [scales, sizes] = node.op === 'Upsample' ? [given[0]] : [given[1], given[2]]
  const factors = shape.map((length, axis) =>
    sizes && sizes.length > 0 ? (sizes[axis] ?? NaN) / length : (scales?.[axis] ?? NaN),
  )
  const [batch, channels, ...size] = factors
  if (
    batch !== 1 ||
    channels !== 1 ||
    size.length !== 2 ||
    !size.every((factor) => Number.isInteger(factor) && factor > 0)
  )
    throw new Refusal(`sizes times [${factors.join(', ')}]`)
  const policy = node.text('keep_aspect_ratio_policy', 'stretch')
  if (policy !== 'stretch') throw new Refusal(`keep_aspect_ratio_policy ${policy}`)
  const mode = node.text('mode', 'nearest')
  const isOld = node.op === 'Upsample'
  const places = node.text('coordinate_transformation_mode', isOld ? 'asymmetric' : 'half_pixel')
  const rounding = node.text('nearest_mode', isOld ? 'floor' : 'round_prefer_floor')
  const isNearest = mode === 'nearest' && size.every((factor) => repeats(factor, places, rounding))
  if (!isNearest && !(mode === 'linear' && ['half_pixel', 'pytorch_half_pixel'].includes(places)))
    throw new Refusal(`mode ${mode}, ${places}${mode === 'nearest' ? `, ${rounding}` : ''}`)
  return channelsFirst(x, 'upsampling2d', {
    options: { size: short(size), ...(!isNearest && { interpolation: 'bilinear' }) },
  })
}
