import { expect, test } from 'vitest'

import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import type { Program } from '../../../src/ir/ir.ts'
import { cutOperands, cutProducts } from '../../../src/backend/plan/parts.ts'
import { Execution } from '../wasm/execute.ts'

type Sizes = { rows: number; depth: number; columns: number; transposeA?: boolean; transposeB?: boolean }

/** relu(x w + bias), and a change of w: the layer whose product is cut. */
function layer(
  { rows, depth, columns, transposeA = false, transposeB = false }: Sizes,
  isTrained = true,
): Program {
  const b = new Builder()
  const x = b.input('x', transposeA ? [depth, rows] : [rows, depth])
  const w = b.input('w', transposeB ? [columns, depth] : [depth, columns])
  const product = b.matmul(x, w, { transposeA, transposeB })
  const y = b.relu(b.add(product, b.input('bias', [columns])))
  return b.program([['y', y], ...(isTrained ? [['w', b.mul(w, 0.5)] as const] : [])])
}

function partsOf(program: Program): (number | undefined)[] {
  return cutProducts(program).values.flatMap((value) =>
    value.op === 'matmul' && value.parts !== undefined ? [value.parts] : [],
  )
}

function numbersFor({ inputs }: Program): Map<string, Float32Array> {
  return new Map(
    [...inputs].map(([name, { shape }], key) => [
      name,
      Float32Array.from({ length: shape.reduce((size, n) => size * n, 1) }, (_, i) =>
        Math.sin(12.9898 * (i + 1) + 78.233 * key),
      ),
    ]),
  )
}

test.each([
  { rows: 50, depth: 784, columns: 20, parts: [4] },
  { rows: 32, depth: 783, columns: 128, parts: [3] },
  { rows: 32, depth: 786, columns: 128, parts: [3] },
  { rows: 32, depth: 787, columns: 128, parts: [] },
  { rows: 64, depth: 128, columns: 512, parts: [] },
  { rows: 4, depth: 64, columns: 8, parts: [] },
  { rows: 32, depth: 784, columns: 128, transposeA: true, parts: [] },
  { rows: 32, depth: 784, columns: 128, transposeB: true, parts: [] },
])('a product of few rows along a long depth is cut: %o', ({ parts, ...sizes }) => {
  expect(partsOf(layer(sizes))).toEqual(parts)
})

test('a product with weights that are only read is not: its rows do not depend on their number', () => {
  expect(partsOf(layer({ rows: 50, depth: 784, columns: 20 }, false))).toEqual([])
})

test('a product in parts has the same sums', () => {
  const program = layer({ rows: 33, depth: 786, columns: 22 })
  const inputs = numbersFor(program)
  const cut = interpret(cutProducts(program), inputs).get('y')
  interpret(program, inputs)
    .get('y')
    ?.forEach((y, i) => expect(cut?.[i]).toBeCloseTo(y, 9))
})

test('the code for a product in parts agrees with the interpreter, with the same bits on 1 to 5 threads', async () => {
  const program = layer({ rows: 33, depth: 784, columns: 22 })
  const inputs = numbersFor(program)
  const expected = [...(interpret(program, inputs).get('y') ?? [])]
  const execution = new Execution(program, { threads: 5 })
  for (const [name, numbers] of inputs) execution.write(name, numbers)
  execution.run()
  const alone = execution.read('y')
  expected.forEach((y, i) => expect(alone[i]).toBeCloseTo(y, 4))
  for (const threads of [2, 3, 4, 5]) {
    execution.write('w', inputs.get('w') ?? [])
    await execution.runOnThreads(threads, 1)
    expect(execution.read('y')).toEqual(alone)
  }
})

test('what such a product reads is gathered in the same parts', () => {
  const program = cutProducts(layer({ rows: 50, depth: 784, columns: 20 }))
  expect(cutOperands(program)).toEqual([program.inputs.get('x')])
})
