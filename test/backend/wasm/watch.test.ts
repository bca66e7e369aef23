import { expect, test } from 'vitest'

import { compile } from '../../../src/backend/wasm/module.ts'
import { Builder } from '../../../src/ir/builder.ts'

test('a watched module tells when each of its kernels is done, in order', () => {
  const b = new Builder()
  const sum = b.matmul(b.input('x', [4, 4]), b.input('y', [4, 4]))
  const program = b.program([['z', b.matmul(sum, sum)]])
  const anchors: (string | undefined)[] = []
  const { bytes, memoryBytes } = compile(program, {
    arithmetic: 'mul_add',
    seed: 0,
    watch: ({ group }) => anchors.push(group.anchor?.op) - 1,
  })
  const memory = new WebAssembly.Memory({ initial: memoryBytes / 65536, maximum: 65536, shared: true })
  const done: number[] = []
  const env = { memory, watch: (kernel: number) => void done.push(kernel) }
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports
  run?.(0, 1)
  expect(anchors).toEqual(['matmul', 'matmul'])
  expect(done).toEqual([0, 1])
})
