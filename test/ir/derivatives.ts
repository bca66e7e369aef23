import { expect } from 'vitest'

import type { Builder } from '../../src/ir/builder.ts'
import { differentiate } from '../../src/ir/gradient.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import type { Program, Value } from '../../src/ir/ir.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import { randomUniform, stream } from '../../src/random.ts'

type Inputs = ReadonlyMap<string, ArrayLike<number>>

/** A scalar to which every element of the values adds with a weight of its own. */
export function weighted(b: Builder, values: readonly Value[]): Value {
  const terms = values.map((value, i) => {
    const weights = randomUniform(stream(1, `weights${i}`), 0, sizeOf(value.shape))
    return b.sum(b.mul(value, b.constant([...weights], value.shape)))
  })
  return terms.reduce((total, term) => b.add(total, term), b.constant(0))
}

/**
 * The gradient of a scalar to inputs of the program agrees with central differences in float64 along a few directions.
 * A difference across a bend or a jump is wrong: one of three steps, or of the two sides, must agree.
 */
export function expectGradient(
  b: Builder,
  scalar: Value,
  wrt: readonly Value[],
  inputs: Inputs,
  { directions = 2, tolerance = 1e-4 } = {},
): void {
  const names = wrt.map((value) => (value.op === 'input' ? value.name : ''))
  const gradients = differentiate(b, scalar, wrt)
  const program = b.program([
    ['scalar', scalar],
    ...gradients.map((gradient, i) => [`d${i}`, gradient] as const),
  ])
  const results = interpret(program, inputs)
  const forward = onlyOutput(program, scalar)
  for (let n = 0; n < directions; n++) {
    const direction = new Map(
      wrt.map(({ shape }, i) => [
        names[i] ?? '',
        randomUniform(stream(n, names[i] ?? ''), 0, sizeOf(shape)).map((x) => 2 * x - 1),
      ]),
    )
    const slope = [...direction.values()].reduce(
      (total, along, i) => total + dot(results.get(`d${i}`) ?? [], along),
      0,
    )
    const at = (distance: number): number =>
      interpret(forward, moved(inputs, direction, distance)).get('scalar')?.[0] ?? NaN
    const between = (from: number, to: number): number => (at(to) - at(from)) / (to - from)
    const central = [1e-5, 1e-4, 1e-6].map((step) => between(-step, step))
    const differences = [...central, between(-1e-6, 0), between(0, 1e-6)]
    const error = Math.min(...differences.map((difference) => Math.abs(difference - slope)))
    const scale = 1 + Math.abs(slope)
    expect(error / scale, `slope ${slope}, differences ${differences.join(', ')}`).toBeLessThan(tolerance)
  }
}

function onlyOutput(program: Program, scalar: Value): Program {
  return {
    ...program,
    values: program.values.slice(0, scalar.id + 1),
    outputs: new Map([['scalar', scalar]]),
  }
}

function moved(inputs: Inputs, direction: ReadonlyMap<string, Float32Array>, distance: number): Inputs {
  return new Map(
    [...inputs].map(([name, data]) => {
      const along = direction.get(name)
      return [name, Float64Array.from(data, (x, i) => x + distance * (along?.[i] ?? 0))]
    }),
  )
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, x, i) => sum + x * (b[i] ?? NaN), 0)
}
