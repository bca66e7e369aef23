import { multiplyAdd } from '../arithmetic.ts'
import type { Value } from '../../ir.ts'
import type { FunctionBuilder } from '../assembler.ts'

/** A matrix product by its definition. */
export function emitPlainMatmul(
  f: FunctionBuilder,
  value: Extract<Value, { op: 'matmul' }>,
  at: (v: Value) => number,
): void {
  void multiplyAdd
  const [rows, columns] = [value.shape.at(-2) ?? 1, value.shape.at(-1) ?? 1]
  const depth = value.a.shape.at(value.transposeA ? -2 : -1) ?? 1
  const batch = value.shape.slice(0, -2).reduce((a, b) => a * b, 1)
  const [m, i, j, k] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
  const sum = f.local('f32')
  f.for(m, 0, batch, 1, () =>
    f.for(i, 0, rows, 1, () =>
      f.for(j, 0, columns, 1, () => {
        f.f32(0).set(sum)
        f.for(k, 0, depth, 1, () => {
          f.get(sum)
          f.get(m)
            .i32(rows * depth)
            .op('i32.mul')
          f.get(i)
            .i32(value.transposeA ? 1 : depth)
            .op('i32.mul', 'i32.add')
          f.get(k)
            .i32(value.transposeA ? rows : 1)
            .op('i32.mul', 'i32.add')
            .i32(2)
            .op('i32.shl')
            .memory('f32.load', at(value.a))
          f.get(m)
            .i32(value.b.shape.length === 2 ? 0 : columns * depth)
            .op('i32.mul')
          f.get(j)
            .i32(value.transposeB ? depth : 1)
            .op('i32.mul', 'i32.add')
          f.get(k)
            .i32(value.transposeB ? 1 : columns)
            .op('i32.mul', 'i32.add')
            .i32(2)
            .op('i32.shl')
            .memory('f32.load', at(value.b))
          f.op('f32.mul', 'f32.add').set(sum)
        })
        f.get(m)
          .i32(rows)
          .op('i32.mul')
          .get(i)
          .op('i32.add')
          .i32(columns)
          .op('i32.mul')
          .get(j)
          .op('i32.add')
          .i32(2)
          .op('i32.shl')
        f.get(sum).memory('f32.store', at(value))
      }),
    ),
  )
}
