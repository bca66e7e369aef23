import { Refusal } from '../refusal.ts'
import type { AppliedNode } from '../translation.ts'
import { shapeOf } from '../view.ts'
import type { View } from '../view.ts'
import { channelsFirst, short } from './convolution.ts'

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
  const mode = node.text('mode', 'nearest')
  const place = node.text('coordinate_transformation_mode', 'half_pixel')
  const isNearest =
    mode === 'nearest' &&
    (place === 'asymmetric' || node.text('nearest_mode', 'round_prefer_floor').startsWith('round'))
  if (!isNearest && !(mode === 'linear' && ['half_pixel', 'pytorch_half_pixel'].includes(place)))
    throw new Refusal(`mode ${mode}, ${place}`)
  return channelsFirst(x, 'upsampling2d', {
    options: { size: short(size), ...(!isNearest && { interpolation: 'bilinear' }) },
  })
}
