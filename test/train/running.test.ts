import { expect, it } from 'vitest'

import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { lackingLayer } from '../../src/engine/compiled/lacking.ts'
import { disagreements } from '../cli/figures.ts'
import { randomSpecs } from '../parity/random-spec.ts'
import { runningInFloat64, runningWith } from '../parity/train.ts'

const NETS = 20
const SEED = 5

it('the running figures of an epoch are those of a replay in float64', async () => {
  const engine = openCompiledEngine({ arithmetic: 'auto', threads: 1 })
  const specs = randomSpecs(NETS + 5, SEED)
    .filter(({ task }) => !lackingLayer(task))
    .slice(0, NETS)
  expect(specs).toHaveLength(NETS)
  for (const each of specs) {
    const spec = { ...each, steps: Math.ceil(each.encoded.rows / each.batch) }
    const found = await runningWith(engine, spec)
    expect(disagreements(found, runningInFloat64(spec)), JSON.stringify(spec.config)).toEqual([])
  }
})
