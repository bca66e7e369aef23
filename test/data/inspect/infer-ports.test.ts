import { describe, expect, it } from 'vitest'
import { inferPorts } from '../../../src/data/inspect/infer-ports.ts'
import { readData } from '../../../src/data/prepare/read-data.ts'
import { DataSpec } from '../../../src/spec/schema/data.ts'
import { folderOf, prepare } from '../support.ts'
import type { WrittenData } from '../support.ts'

const inline = (targets: (number | string | number[])[]): WrittenData => ({
  type: 'inline',
  inputs: targets.map((_, i) => [i, 1]),
  targets,
})

describe('the outputs of a model that is not known', () => {
  it.each<[string, (number | string | number[])[], string, number[]]>([
    ['texts are classes', ['a', 'b', 'c', 'a'], 'classes', [3]],
    ['small whole numbers are classes', [0, 2, 1, 2], 'classes', [3]],
    ['classes may be counted from 1', [1, 2, 3, 2], 'classes', [3]],
    ['a class without rows counts, too', [0, 2, 0, 2], 'classes', [3]],
    ['labels that skip numbers are counted from 0', [1, 3, 1, 3], 'classes', [4]],
    ['labels below 20 are classes', [0, 19], 'classes', [20]],
    ['a label of 20 is a number', [0, 20], 'numbers', [1]],
    ['one whole number alone is a number', [3, 3], 'numbers', [1]],
    ['fractions are numbers', [0.5, 1, 2], 'numbers', [1]],
    ['large whole numbers are numbers', [1, 2, 2000], 'numbers', [1]],
    [
      'one-hot rows are classes',
      [
        [1, 0, 0],
        [0, 0, 1],
      ],
      'classes',
      [3],
    ],
    [
      'other rows are numbers',
      [
        [1, 0, 0],
        [0, 1, 1],
      ],
      'numbers',
      [3],
    ],
  ])('%s', async (_, targets, kind, shape) => {
    const spec = inline(targets)
    const ports = inferPorts(await readData(DataSpec.parse(spec), { directory: '.' }))
    expect(ports).toEqual({ inputs: [{ name: 'input' }], outputs: [{ name: 'output', kind, shape }] })
    const { preprocessing } = await prepare(spec, ports)
    expect(preprocessing.inputs[0]?.shape).toEqual([2])
  })

  it.each(['a,b,,a', '0,1,,1'])('have no class for missing values: %s', async (labels) => {
    const content = labels.split(',').map((label, i) => `${i},${label}\n`)
    const directory = await folderOf({ 'a.csv': `x,y\n${content.join('')}` })
    const spec = { type: 'csv', path: 'a.csv', target: 'y', missing: 'drop' }
    const { outputs } = inferPorts(await readData(DataSpec.parse(spec), { directory }))
    expect(outputs).toEqual([{ name: 'output', kind: 'classes', shape: [2] }])
  })

  it('have the names that the data section gives them', async () => {
    const directory = await folderOf({ 'a.csv': 'x,city,y,z\n1,Oslo,0,1.5\n2,Rome,1,2.5\n' })
    const spec = {
      type: 'csv' as const,
      path: 'a.csv',
      inputs: { left: 'x', right: ['x', 'city'] },
      targets: { kind: 'y', size: 'z' },
    }
    const ports = inferPorts(await readData(DataSpec.parse(spec), { directory }))
    expect(ports.outputs).toEqual([
      { name: 'kind', kind: 'classes', shape: [2] },
      { name: 'size', kind: 'numbers', shape: [1] },
    ])
    const { preprocessing } = await prepare(spec, { directory, ...ports })
    expect(preprocessing.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['left', [1]],
      ['right', [3]],
    ])
  })

  it('are those of windows where there are windows', async () => {
    const directory = await folderOf({ 'a.csv': 'x,y\n1,0\n2,1\n3,0\n4,1\n' })
    const spec = { type: 'csv' as const, path: 'a.csv', target: 'y', window: { steps: 2 } }
    const ports = inferPorts(await readData(DataSpec.parse(spec), { directory }))
    const { preprocessing } = await prepare(spec, { directory, ...ports })
    expect(preprocessing.inputs[0]?.shape).toEqual([2, 1])
  })
})
