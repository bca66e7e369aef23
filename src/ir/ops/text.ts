// Numbers as programs print them.

import type { ConvolutionGeometry, PoolGeometry, Shape } from '../ir.ts'

/** Elements of a constant that are printed. */
const SHOWN = 6

export function list(values: Shape): string {
  return `[${values.join(', ')}]`
}

export function numbers(data: ArrayLike<number>): string {
  const shown = Array.from({ length: Math.min(data.length, SHOWN) }, (_, i) => number(data[i] ?? NaN))
  return `[${shown.join(', ')}${data.length > SHOWN ? ', ...' : ''}]`
}

/** As few digits as tell a float32 apart from its neighbors. */
export function number(x: number): string {
  if (Object.is(x, -0)) return '-0'
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(x.toPrecision(digits))
    if (Math.fround(text) === x) return String(text)
  }
  return String(x)
}

export function convolutionText({ strides, dilation, padding, groups }: ConvolutionGeometry): string[] {
  return [
    ...unlessAll('strides', strides, 1),
    ...unlessAll('dilation', dilation, 1),
    ...unlessAll('padding', padding.flat(), 0),
    ...(groups === 1 ? [] : [`groups: ${groups}`]),
  ]
}

export function poolText({ size, strides, padding }: PoolGeometry): string[] {
  return [`size: ${list(size)}`, `strides: ${list(strides)}`, ...unlessAll('padding', padding.flat(), 0)]
}

function unlessAll(name: string, values: Shape, usual: number): string[] {
  return values.every((value) => value === usual) ? [] : [`${name}: ${list(values)}`]
}
