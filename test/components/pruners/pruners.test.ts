import { describe, expect, it } from 'vitest'

import { pruners } from '../../../src/components/pruners/index.ts'
import type { Ladder } from '../../../src/components/pruners/pruner.ts'

function ladderOf(type: string, trial: number, epochs: number): Ladder | undefined {
  const member = pruners.of({ type })
  return member.ladder?.(pruners.schemaOf(member).parse({ type }), trial, epochs)
}

describe('asha', () => {
  it('pauses each trial after 1, 3, 9 ... epochs', () => {
    expect(ladderOf('asha', 5, 27)).toEqual({ bracket: 0, rungs: [1, 3, 9] })
    expect(ladderOf('asha', 0, 30)).toEqual({ bracket: 0, rungs: [1, 3, 9, 27] })
    expect(ladderOf('asha', 0, 1)).toEqual({ bracket: 0, rungs: [] })
  })
})

describe('hyperband', () => {
  it('has the brackets of the paper for 81 epochs and eta 3, in turn', () => {
    const brackets = Array.from({ length: 143 }, (_, trial) => ladderOf('hyperband', trial, 81)?.bracket)
    const sizes = [0, 1, 2, 3, 4].map((bracket) => brackets.filter((one) => one === bracket).length)
    // Table 1 of Li et al. (2018), with the rounding of the published algorithm: 81, 34, 15, 8, 5.
    expect(sizes).toEqual([81, 34, 15, 8, 5])
    expect(ladderOf('hyperband', 81, 81)).toEqual({ bracket: 1, rungs: [3, 9, 27] })
  })
})

describe('median', () => {
  const member = pruners.of({ type: 'median' })
  const config = pruners.schemaOf(member).parse({ type: 'median', min_trials: 3, min_epochs: 2 })
  const curve = (...losses: number[]): Map<number, number> => new Map(losses.map((loss, i) => [i + 1, loss]))
  const limit = (epoch: number, ...curves: Map<number, number>[]): number | undefined =>
    member.limit?.(config, epoch, curves)

  it('allows what earlier trials had after the same epoch, by their median', () => {
    const curves = [curve(5, 4, 3), curve(9, 8, 7), curve(2, 1), curve(6, 6)]
    expect(limit(2, ...curves)).toBe(5)
    expect(limit(2, ...curves.slice(0, 3))).toBe(4)
  })

  it('has no limit before min_epochs, or where fewer than min_trials came so far', () => {
    const curves = [curve(5, 4, 3), curve(9, 8, 7), curve(2, 1)]
    expect(limit(1, ...curves)).toBeUndefined()
    expect(limit(3, ...curves)).toBeUndefined()
  })
})
