import { expect, it } from 'vitest'

import { inMemory } from '../../src/data/rows/row-set.ts'
import { buildGraph } from '../../src/model/build.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { rowWeights } from '../../src/train/row-weights.ts'
import { rowsUpTo } from '../data/support.ts'

it('a class that the config does not name weighs 1, whatever it is called', async () => {
  const { graph } = buildGraph(modelSection().parse({ input: [1], layers: [{ type: 'dense', units: 2 }] }))
  if (!graph) throw new Error('the model has mistakes')
  const classes = ['Alpine', 'constructor']
  const output = { kind: 'classes' as const, name: 'output', shape: [2], columns: ['team'] }
  const target = { kind: 'classes' as const, name: 'output', shape: [], data: Int32Array.of(0, 1) }
  const encoded = { rows: 2, inputs: [], targets: [target], sourceRow: rowsUpTo(2) }
  const outputs = [{ ...output, form: 'labels' as const, classes }]
  const weigh = await rowWeights(inMemory(encoded), outputs, { Alpine: 3 }, { graph, seed: 0 })
  expect(weigh(encoded)).toEqual(new Map([['output', Float32Array.of(3, 1)]]))
})
