import type { Builder } from '../builder.ts'
import { interpret } from '../interpreter/interpreter.ts'
import { sizeOf } from '../ir.ts'
import type { Value } from '../ir.ts'
import { operands } from '../ops/index.ts'
import type { RewriteRule } from './rewrite.ts'

/** Results longer than this are computed when the program runs. */
const LARGEST = 64

/**
 * Computes what has constant operands, as float32 after each operation like the engines. Of equal elements one is kept
 * and broadcast; iota and broadcasts stay as they are, since they cost no memory.
 */
export const foldConstants: RewriteRule = {
  replace(b, value) {
    const size = sizeOf(value.shape)
    if (value.op === 'constant') return size > 1 ? uniform(b, value, value.data) : undefined
    if (value.op === 'broadcast' ? size > 1 : size > LARGEST) return undefined
    const parts = operands(value)
    if (parts.length === 0 || parts.some(({ op }) => op !== 'constant') || value.op === 'random')
      return undefined
    const program = { values: [...parts, value], inputs: new Map(), outputs: new Map([['y', value]]) }
    const data = interpret(program, new Map()).get('y') ?? []
    return uniform(b, value, data) ?? constant(b, value, data)
  },
}

/** The number that every element is, where a constant or a broadcast of one shows it. */
export function uniformNumber(value: Value): number | undefined {
  if (value.op === 'broadcast') return uniformNumber(value.x)
  if (value.op !== 'constant' || value.dtype !== 'f32') return undefined
  return value.data.length === 1 ? value.data[0] : undefined
}

function uniform(b: Builder, { shape, dtype }: Value, data: ArrayLike<number>): Value | undefined {
  const first = data[0]
  if (data.length < 2 || first === undefined) return undefined
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return undefined
  return b.broadcast(b.append({ op: 'constant', data: arrayOf(dtype, [first]), shape: [] }), shape)
}

function constant(b: Builder, { shape, dtype }: Value, data: ArrayLike<number>): Value {
  return b.append({ op: 'constant', data: arrayOf(dtype, data), shape })
}

function arrayOf(dtype: Value['dtype'], data: ArrayLike<number>): Float32Array | Int32Array {
  return dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data)
}
