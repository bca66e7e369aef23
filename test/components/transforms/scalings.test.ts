import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startFit } from '../../../src/data/fit/transform.ts'
import { applyScaling, undoScaling } from '../../../src/runtime/scaling.ts'
import type { Scale } from '../../../src/components/sources/options/features.ts'

function fitted(scale: Scale, values: readonly number[]) {
  const fit = startFit(scale)
  for (const value of values) fit?.add(value)
  return fit?.scaling()
}

const finite = fc.double({ noNaN: true, min: -1e6, max: 1e6 })
const sample = fc.array(finite, { minLength: 2, maxLength: 50 })
const scales = fc.constantFrom<Scale>('standard', 'min_max', 'robust', { divide: 255 })

describe('scaling', () => {
  it('none leaves numbers alone', () => {
    expect(fitted('none', [1, 2])).toBeUndefined()
    expect(applyScaling(undefined, 3)).toBe(3)
  })

  it('standard gives mean 0 and deviation 1', () => {
    const scaling = fitted('standard', [2, 4, 4, 4, 5, 5, 7, 9])
    expect(scaling).toEqual({ subtract: 5, multiply: 0.5 })
  })

  it('standard is exact far from zero', () => {
    const scaling = fitted('standard', [1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3])
    expect(scaling?.multiply).toBeCloseTo(1 / Math.sqrt(1.25), 9)
  })

  it('min_max maps the training values onto 0 to 1', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const scaled = values.map((value) => Math.fround(applyScaling(fitted('min_max', values), value)))
        expect(Math.min(...scaled)).toBe(0)
        expect([0, 1]).toContain(Math.max(...scaled))
      }),
    )
  })

  it('divide divides', () => {
    expect(applyScaling(fitted({ divide: 16 }, []), 4)).toBe(0.25)
  })

  it.each<Scale>(['standard', 'min_max', 'robust'])('%s makes a constant column zero', (scale) => {
    expect(applyScaling(fitted(scale, [7, 7, 7]), 7)).toBe(0)
    expect(applyScaling(fitted(scale, [5e-324, 0]), 1)).toSatisfy(Number.isFinite)
    expect(applyScaling(fitted(scale, [-1.2e-308, 0]), 1e6)).toSatisfy(Number.isFinite)
  })

  it('is undone', () => {
    fc.assert(
      fc.property(scales, sample, finite, (scale, values, value) => {
        const scaling = fitted(scale, values)
        const scaled = applyScaling(scaling, value)
        const tolerance = 1e-9 * (1 + Math.abs(value) + Math.max(...values.map(Math.abs)))
        expect(Math.abs(undoScaling(scaling, scaled) - value)).toBeLessThanOrEqual(tolerance)
      }),
    )
  })

  it('survives JSON bit for bit', () => {
    fc.assert(
      fc.property(scales, sample, (scale, values) => {
        const scaling = fitted(scale, values)
        expect(JSON.parse(JSON.stringify(scaling))).toEqual({
          ...scaling,
          subtract: (scaling?.subtract ?? 0) + 0,
        })
      }),
    )
  })
})
