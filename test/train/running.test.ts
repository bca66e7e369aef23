import { expect, it } from 'vitest'

import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { disagreements } from '../cli/figures.ts'
import { randomSpecs } from '../parity/random-spec.ts'
import { runningInFloat64, runningWith } from '../parity/train.ts'
import { runs } from '../runs.ts'

const NETS = runs(10)
const SEED = 5

it('the running figures of an epoch are those of a replay in float64', async () => {
  const engine = openCompiledEngine({ arithmetic: 'auto', threads: 1 })
  for (const each of randomSpecs(NETS, SEED)) {
    const spec = { ...each, steps: Math.ceil(each.encoded.rows / each.batch) }
    const found = await runningWith(engine, spec)
    expect(disagreements(found, runningInFloat64(spec)), JSON.stringify(spec.config)).toEqual([])
  }
})
