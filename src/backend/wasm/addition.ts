import { ModuleBuilder } from './assembler/module-builder.ts'

const MOST_PAGES = 65536

/** A module that exports `add(to, from, bytes)`: adds f32 numbers to others, 16 bytes at a time, on the shared memory `env.memory`. */
export function additionModule(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { initial: 1, maximum: MOST_PAGES, shared: true })
  const add = module.function({ params: ['i32', 'i32', 'i32'], results: [] }, (f, to, from, bytes) => {
    const i = f.local('i32')
    f.for(i, 0, bytes, 16, () => {
      f.get(to).get(i).op('i32.add')
      f.get(to).get(i).op('i32.add').memory('v128.load')
      f.get(from).get(i).op('i32.add').memory('v128.load')
      f.op('f32x4.add').memory('v128.store')
    })
  })
  module.export('add', add)
  return module.toBytes()
}
