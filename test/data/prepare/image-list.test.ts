import { encode } from 'fast-png'
import { expect, it } from 'vitest'
import { folderOf, newRows, oneInput, plain, prepare, values } from '../support.ts'

const pixel = (value: number) => encode({ width: 1, height: 1, channels: 1, data: new Uint8Array([value]) })
const spec = {
  type: 'images',
  path: '.',
  table: { path: 'rows.csv', target: ['x', 'y'] },
  image_size: [1, 1],
  color_mode: 'grayscale',
  target: { scale: { divide: 10 } },
}
const files = {
  'a.png': pixel(1),
  'b.png': pixel(2),
  'rows.csv': 'file,x,note,y\nb.png,10,?,1\na.png,20,?,2\n',
}
const options = { inputs: oneInput(1, 1, 1), outputs: values(2) }

it('several numbers of each image are a target, scaled like any other', async () => {
  const directory = await folderOf({ ...files, 'new.csv': 'file\na.png\na.png\n' })
  const { train, preprocessing } = await prepare(spec, { directory, ...options })
  expect(plain(train.inputs[0]?.data)).toEqual([2, 1])
  expect(plain(train.targets[0]?.data)).toEqual([1, 0.1, 2, 0.2])
  const reading = { directory, targets: false }
  const listed = await newRows({ type: 'images', path: 'new.csv' }, preprocessing, reading)
  expect(plain(listed.encoded.inputs[0]?.data)).toEqual([1, 1])
  const named = await newRows({ type: 'images', path: '*.png' }, preprocessing, reading)
  expect(plain(named.encoded.inputs[0]?.data)).toEqual([1, 2])
})

it.each([
  ['file,x,y\nc.png,1,1\n', 'c.png: there is no such file'],
  ['file,x,y\na.png,1,1\n,1,1\n', 'rows.csv:3: the column "file" names no image'],
  ['file,x\na.png,1\n', 'rows.csv: there is no column "y", which data.table.target names'],
  ['file,x,y\na.png,1,\n', 'rows.csv:2: column "y" has no value'],
])('a table that does not go with its images is refused: %j', async (table, message) => {
  const directory = await folderOf({ ...files, 'rows.csv': table })
  await expect(prepare(spec, { directory, ...options })).rejects.toThrow(message)
})
