import { expect, it } from 'vitest'

import { augmentationsOf } from '../../src/model/augment.ts'
import { DataSpec } from '../../src/spec/schema/data.ts'

const image = { name: 'image', shape: [8, 8, 1] }
const other = { name: 'other', shape: [8, 8, 1] }
const meta = { name: 'meta', shape: [3] }

const rangeOf = (data: object, inputs = [image, meta]): unknown => {
  const augment = ['random_flip', { type: 'random_brightness', factor: 0.1 }]
  const common = { type: 'csv', path: 'images.csv', target: 'label', augment }
  const [flip, brightness] = augmentationsOf(DataSpec.parse({ ...common, ...data }), inputs)
  expect(flip).toEqual({ type: 'random_flip', mode: 'horizontal_and_vertical' })
  return brightness?.['value_range']
}

it.each([
  ['none', [0, 255]],
  ['min_max', [0, 1]],
  [{ divide: 16 }, [0, 1]],
  ['standard', undefined],
  ['robust', undefined],
])('the range of pixels under the scale %o is %o', (scale, range) => {
  expect(rangeOf({ features: { scale } })).toEqual(range)
})

it('the range is that of the images, whose own scale comes first', () => {
  const inputs = { image: { columns: ['a'], scale: 'min_max' }, meta: { columns: ['b'], scale: 'standard' } }
  expect(rangeOf({ inputs })).toEqual([0, 1])
  const both = { image: { columns: ['a'], scale: 'min_max' }, other: 'b' }
  expect(rangeOf({ inputs: both }, [image, other])).toBeUndefined()
  expect(rangeOf({ features: { scale: 'min_max' }, inputs: both }, [image, other])).toEqual([0, 1])
})

it('a range that is given stays', () => {
  const brightness = { type: 'random_brightness', factor: 0.1, value_range: [-1, 1] }
  const data = DataSpec.parse({ type: 'csv', path: 'a.csv', target: 'y', augment: [brightness] })
  expect(augmentationsOf(data, [image])).toEqual([brightness])
})
