import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { spacedRows } from '../../src/exchange/calibrate.ts'
import { leastScales, quantizationOf, quantizedBias, quantizedWeights } from '../../src/exchange/int8.ts'

const number = fc.float({ min: -100, max: 100, noNaN: true }).filter((x) => Math.abs(x) > 1e-3)

describe('int8', () => {
  it('holds 0 exactly, and every number of a range within half a step', () => {
    fc.assert(
      fc.property(fc.tuple(number, number, fc.double({ min: 0, max: 1, noNaN: true })), ([a, b, part]) => {
        const range = [Math.min(a, b), Math.max(a, b)] as const
        const { scales, zeroPoint } = quantizationOf(range)
        const [scale = NaN] = scales
        expect(Number.isInteger(zeroPoint) && zeroPoint >= -128 && zeroPoint <= 127).toBe(true)
        const x = range[0] + part * (range[1] - range[0])
        const stored = Math.min(Math.max(Math.round(x / scale) + zeroPoint, -128), 127)
        expect(Math.abs((stored - zeroPoint) * scale - x)).toBeLessThanOrEqual(scale * 1.001)
      }),
    )
  })

  it('has a scale for each unit or filter', () => {
    const rows = quantizedWeights(Float32Array.of(1, -2, 0.5, 0.25), [2, 2], 0)
    expect([...rows.data]).toEqual([64, -127, 127, 64])
    expect([...rows.quantization.scales].map((scale) => scale * 127)).toEqual([
      expect.closeTo(2, 6),
      expect.closeTo(0.5, 6),
    ])
    const zeros = quantizedWeights(Float32Array.of(0, 0, 1, 0), [2, 2], 0)
    expect([...zeros.data]).toEqual([0, 0, 127, 0])
    expect(zeros.quantization.scales[0]).toBeGreaterThan(0)
    const columns = quantizedWeights(Float32Array.of(1, -2, 0.5, 0.25), [2, 2], 1)
    expect([...columns.data]).toEqual([127, -127, 64, 16])
    const bias = quantizedBias(Float32Array.of(1), quantizationOf([0, 255]), {
      scales: Float32Array.of(0.5),
      zeroPoint: 0,
      axis: 0,
    })
    expect([...bias.data]).toEqual([2])
  })

  it('holds a bias, however small the weights of its unit are', () => {
    const input = quantizationOf([0, 1])
    const bias = Float32Array.of(0.5, -3, 2)
    const { data, quantization } = quantizedWeights(
      Float32Array.of(1e-12, 1e-9, 0.25),
      [3, 1],
      0,
      leastScales(bias, input),
    )
    const stored = quantizedBias(bias, input, quantization)
    for (const [i, number] of bias.entries())
      expect((stored.data[i] ?? NaN) * (stored.quantization.scales[i] ?? NaN)).toBeCloseTo(number, 5)
    expect([...data]).toEqual([0, 0, 127])
  })
})

it('ranges are told by as many rows as are computed in a few seconds', () => {
  const rows = [{ name: 'x', shape: [4, 1], data: Float32Array.of(0, 1, 2, 3) }]
  expect(spacedRows(rows, 1)).toEqual(rows)
  expect(spacedRows(rows, 1e8)).toEqual([{ name: 'x', shape: [2, 1], data: Float32Array.of(0, 2) }])
  expect(spacedRows(rows, 1e12)).toEqual([{ name: 'x', shape: [1, 1], data: Float32Array.of(0) }])
})
