import { describe, expect, it } from 'vitest'

import { widthOf } from '../../../src/report/text/characters.ts'
import { sparklines } from '../../../src/report/text/sparklines.ts'

describe('sparklines', () => {
  it('show each metric from its first value to its last, training and validation rows in one scale', () => {
    const history = new Map([
      ['loss', [8, 4, 2, 1]],
      ['val_loss', [8, 8, 4, 4.5]],
    ])
    expect(sparklines(history, 80)).toEqual(['  loss      8.000 █▄▂▁ 1.000', '  val_loss  8.000 ██▄▅ 4.500'])
  })

  it('show means of epochs where there are more of them than room, and fit into the line', () => {
    const history = new Map([['loss', Array.from({ length: 10_000 }, (_, i) => 1 / (1 + i))]])
    for (const width of [30, 50, 80, 200]) {
      const [line = ''] = sparklines(history, width)
      expect(widthOf(line)).toBeGreaterThan(20)
      expect(widthOf(line)).toBeLessThan(width)
    }
  })

  it('leave gaps where there are no numbers, and are left out where there is no room or only one epoch', () => {
    const [line] = sparklines(new Map([['loss', [1, NaN, 2]]]), 80)
    expect(line).toBe('  loss  1.000 ▁ █ 2.000')
    expect(sparklines(new Map([['loss', [1, 2]]]), 20)).toEqual([])
    expect(sparklines(new Map([['loss', [1]]]), 80)).toEqual([])
  })
})
