import { describe, expect, test } from 'vitest'

import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import type { Value } from '../../../src/ir/ir.ts'
import { sizeOf } from '../../../src/ir/ir.ts'
import { execute } from './execute.ts'

type Build = (b: Builder, x: Value) => Value | Record<string, Value>

/** Checks a program of one input, and more inputs that `other` adds, against the interpreter. */
function check(shape: number[], build: Build, tolerance = 1e-5): void {
  const b = new Builder()
  const built = build(b, b.input('x', shape))
  const results = 'op' in built ? { y: built as Value } : built
  const program = b.program(Object.entries(results))
  const inputs = new Map(
    [...program.inputs].map(([name, { shape: own, dtype }], k) => [
      name,
      numbers(sizeOf(own), k, dtype === 'i32'),
    ]),
  )
  const expected = interpret(program, inputs)
  const found = execute(program, inputs)
  for (const [name, elements] of expected) {
    const actual = [...(found.get(name) ?? [])]
    const scale = Math.max(1, ...[...elements].filter(Number.isFinite).map(Math.abs))
    const wrong = [...elements].findIndex(
      (x, i) =>
        !(
          Object.is(x, actual[i]) ||
          x === actual[i] ||
          Math.abs(x - (actual[i] ?? NaN)) <= tolerance * scale
        ),
    )
    expect(wrong, `${name}[${wrong}] of ${elements.length} is ${actual[wrong]}, not ${elements[wrong]}`).toBe(
      -1,
    )
  }
}

function numbers(length: number, key: number, integers: boolean): Float32Array | Int32Array {
  const all = Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * key) * 2.5)
  return integers ? Int32Array.from(all, (x) => Math.abs(Math.round(2 * x)) % 4) : Float32Array.from(all)
}

const SHAPES = [[], [1], [3], [4], [7], [64], [1000], [5, 3], [4, 8], [33, 10], [2, 3, 5], [3, 4, 2, 8]]

describe('elementwise', () => {
  test.each(SHAPES)('chains of functions on %j', (...shape) => {
    check(shape, (b, x) => {
      const y = b.tanh(b.add(b.mul(x, 2), 1))
      return { y, z: b.select(b.less(y, 0.5), b.exp(x), b.sub(y, x)), w: b.relu(b.sub(x, b.abs(y))) }
    })
  })

  test.each([
    [[5, 3], [3]],
    [
      [5, 3],
      [5, 1],
    ],
    [[5, 3], []],
    [
      [1, 3],
      [5, 1],
    ],
    [
      [4, 8, 6],
      [8, 1],
    ],
    [
      [4, 8, 6],
      [4, 1, 6],
    ],
    [
      [4, 1, 6],
      [1, 8, 1],
    ],
    [
      [2, 3, 4, 5],
      [3, 1, 5],
    ],
  ])('broadcasting %j with %j', (a, c) => {
    check(a, (b, x) => b.mul(b.add(x, b.input('other', c)), b.exp(x)))
  })

  test('broadcasts across a reshape', () => {
    check([6, 20], (b, x) => b.mul(b.reshape(x, [6, 5, 4]), b.reshape(b.input('other', [2, 1, 2]), [4])))
    check([6, 20], (b, x) => b.reshape(b.add(b.reshape(x, [30, 4]), b.input('other', [4])), [120]))
  })

  test('integers and counts', () => {
    check([4, 5], (b, x) => b.mul(x, b.oneHot(b.input('i', [4], 'i32'), 5)))
    check([4, 6], (b, x) => ({
      a: b.cast(x, 'i32'),
      c: b.cast(b.cast(x, 'i32'), 'f32'),
      d: b.iota([4, 6], 0),
      e: b.add(x, b.iota([4, 6], 1)),
    }))
  })

  test('results that are views', () => {
    check([4, 6], (b, x) => ({
      a: b.reshape(x, [24]),
      c: b.broadcast(b.input('other', [6]), [4, 6]),
      d: b.transpose(x, [1, 0]),
      e: b.constant([1, 2, 3]),
      f: b.broadcast(b.constant(3), [2, 2]),
    }))
  })
})

describe('reductions', () => {
  const AXES = [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]]
  test.each(AXES)('over axes %j', (...axes) => {
    for (const shape of [
      [2, 3, 4],
      [5, 7, 10],
      [3, 16, 37],
      [1, 9, 1],
      [130, 4, 3],
    ]) {
      check(shape, (b, x) => ({
        sum: b.sum(x, axes),
        mean: b.mean(b.square(x), axes),
        max: b.reduceMax(x, axes),
        min: b.reduceMin(x, axes, true),
      }))
    }
  })

  test('reads a transposed tensor at the end of memory', () => {
    check([900, 37], (b, x) => b.sum(b.mul(x, b.transpose(b.exp(b.input('z', [37, 900])), [1, 0])), 0), 1e-4)
  })

  test.each([17, 18, 19, 23, 25, 34, 50, 66])('of columns, of which there are %i', (columns) => {
    check([3, columns], (b, x) => b.sum(x, 0))
    check([2, 3, columns], (b, x) => b.relu(b.reduceMax(x, 1)))
  })

  test('product', () => check([3, 5], (b, x) => b.product(x, 1)))

  test('long ones', () => {
    check([100000], (b, x) => b.sum(x), 1e-4)
    check([5000, 10], (b, x) => b.sum(b.square(x), 0))
    check([4, 64, 64, 8], (b, x) => ({ a: b.mean(x, [0, 1, 2]), c: b.mean(b.square(x), [0, 1, 2]) }))
  })

  test.each([
    [5, 10],
    [3, 4],
    [130, 37],
    [2, 3, 5],
  ])('softmax and its kin on %j', (...shape) => {
    check(shape, (b, x) => ({ a: b.softmax(x), c: b.logSoftmax(x), d: b.softmax(x, 0) }))
  })

  test('normalisation over leading axes', () => {
    check([12, 6], (b, x) => {
      const centred = b.sub(x, b.mean(x, 0, true))
      return b.mul(centred, b.rsqrt(b.add(b.mean(b.square(centred), 0, true), 1e-3)))
    })
  })
})

describe('movement', () => {
  test('slice, reverse and transpose', () => {
    check([6, 7, 8], (b, x) => ({
      a: b.slice(x, [1, 2, 3], [4, 3, 5]),
      c: b.reverse(x, 0),
      d: b.reverse(x, 2),
      e: b.transpose(x, [2, 0, 1]),
      f: b.transpose(b.exp(x), [0, 2, 1]),
      g: b.mul(b.slice(b.exp(x), [1, 0, 0], [2, 7, 8]), 2),
      h: b.sum(b.reverse(b.tanh(x), 1), 2),
    }))
  })

  test('pad and concat', () => {
    check([3, 4, 5], (b, x) => ({
      a: b.pad(x, [
        [1, 0],
        [2, 3],
        [0, 0],
      ]),
      c: b.pad(
        x,
        [
          [0, 0],
          [0, 0],
          [1, 2],
        ],
        1,
      ),
      d: b.concat([x, b.exp(x)], 1),
      e: b.concat([x, b.input('other', [3, 4, 2])], 2),
      f: b.stack([b.reshape(x, [60]), b.reshape(x, [60])], 0),
    }))
  })

  // An access behind the memory ends the program.
  test.each([
    [5, 16000],
    [6, 30000],
    [9, 30000],
    [33, 20000],
  ])('the last columns of %j, of which lanes that are no elements are not read', (rows, columns) => {
    check([rows, columns], (b, x) => {
      const last = b.reshape(b.slice(x, [0, columns - 1], [rows, 1]), [rows])
      const two = b.transpose(b.slice(x, [0, columns - 2], [rows, 2]), [1, 0])
      return { y: b.mul(last, 2), z: b.mul(b.reverse(last, 0), 2), sum: b.sum(b.mul(two, 2), [0]) }
    })
  })

  test('gather and scatter_add', () => {
    check([6, 5], (b, x) => {
      const i = b.input('i', [2, 4], 'i32')
      const rows = b.gather(x, i)
      return { rows, sums: b.scatterAdd(b.square(rows), i, 6) }
    })
  })

  test.each([
    [3, 64],
    [5, 40],
    [2, 8, 28],
    [3, 5000],
  ])('the extremes of rows of %j', (...shape) => {
    check(shape, (b, x) => ({ a: b.reduceMax(x), c: b.reduceMin(x, [shape.length - 1]), d: b.softmax(x) }))
  })

  test('argmax', () => {
    check([6, 5, 3], (b, x) => ({ a: b.argmax(x), c: b.argmax(x, 0), d: b.argmax(x, 1) }))
  })

  test('random numbers', () => {
    check(
      [1],
      (b) => {
        const counter = b.input('n', [], 'i32')
        return { a: b.random('dropout/d', counter, [5, 7]), c: b.random('noise/d', counter, [64]) }
      },
      0,
    )
  })

  test.each([1, 3, 4, 16, 21, 40])('random numbers of rows, %i each', (length) => {
    check(
      [1],
      (b) => {
        const [counter, rows] = [b.input('n', [], 'i32'), b.input('rows', [7], 'i32')]
        return { a: b.random('shift', counter, [7, length], rows), b: b.random('flip', counter, [7], rows) }
      },
      0,
    )
  })
})

describe('matrix products', () => {
  test.each([
    [3, 4, 5],
    [1, 1, 1],
    [10, 128, 32],
    [20, 50, 10],
  ])('%i by %i by %i', (m, k, n) => {
    check([m, k], (b, x) => ({
      a: b.matmul(x, b.input('w', [k, n])),
      c: b.relu(b.add(b.matmul(x, b.input('v', [n, k]), { transposeB: true }), b.input('bias', [n]))),
      d: b.matmul(x, b.input('u', [m, n]), { transposeA: true }),
    }))
  })
})

describe('state', () => {
  test('is written over its old value, and read before', () => {
    const b = new Builder()
    const [w, m, g] = [b.input('w', [7]), b.input('m', [7]), b.input('g', [7])]
    const moved = b.add(b.mul(m, 0.9), g)
    const program = b.program([
      ['w', b.sub(w, b.mul(moved, 0.1))],
      ['m', moved],
      ['norm', b.sum(b.square(w))],
      ['old', b.mul(w, 1)],
    ])
    const inputs = new Map(['w', 'm', 'g'].map((name, k) => [name, numbers(7, k, false)]))
    const found = execute(program, inputs)
    for (const [name, elements] of interpret(program, inputs)) {
      elements.forEach((x, i) => expect(found.get(name)?.[i]).toBeCloseTo(x, 5))
    }
  })

  test('two states may trade places', () => {
    const b = new Builder()
    const [p, q] = [b.input('p', [5]), b.input('q', [5])]
    const program = b.program([
      ['p', b.mul(q, 2)],
      ['q', b.mul(p, 3)],
    ])
    const inputs = new Map(['p', 'q'].map((name, k) => [name, numbers(5, k, false)]))
    const found = execute(program, inputs)
    for (const [name, elements] of interpret(program, inputs)) {
      elements.forEach((x, i) => expect(found.get(name)?.[i]).toBeCloseTo(x, 5))
    }
  })
})

/** Ways to make [rows, columns] of something larger or smaller, whose rows then lie otherwise than its own. */
const MADE: Readonly<
  Record<string, (b: Builder, x: (shape: number[]) => Value, rows: number, columns: number) => Value>
> = {
  slice: (b, x, rows, columns) => b.slice(x([rows + 1, columns + 5]), [1, 3], [rows, columns]),
  take: (b, x, rows, columns) => b.take(x([rows, 3, columns]), b.input('index', [], 'i32'), 1),
  reverse: (b, x, rows, columns) => b.reverse(x([rows, columns]), 0),
  transpose: (b, x, rows, columns) => b.transpose(x([columns, rows]), [1, 0]),
  'broadcast row': (b, x, rows, columns) => b.broadcast(x([columns]), [rows, columns]),
  'broadcast column': (b, x, rows, columns) => b.broadcast(x([rows, 1]), [rows, columns]),
  'sum of two': (b, x, rows, columns) =>
    b.add(x([rows, columns]), b.slice(x([rows, 2 * columns]), [0, columns], [rows, columns])),
}

describe('a tensor beside its reductions', () => {
  test.each(Object.keys(MADE))('%s', (name) => {
    for (const rows of [1, 2, 3, 8])
      for (let columns = 1; columns <= 44; columns++)
        check([2, rows], (b, p) => {
          let inputs = 0
          const x = (shape: number[]): Value => b.input(`x${inputs++}`, shape)
          const made = MADE[name]?.(b, x, rows, columns) ?? p
          return {
            // A product reads it from memory.
            product: b.matmul(p, made),
            sum: b.sum(made, 0),
            largest: b.reduceMax(made, 0),
            sums: b.sum(b.square(made), 1),
          }
        })
  })
})
