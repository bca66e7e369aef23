import { existsSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it } from 'vitest'
import { MULTIPLY_SOURCE, nativeName, openNative } from '../../../src/engine/compiled/native.ts'

const native = openNative('auto')
const run = {
  rows: 6,
  columns: 16,
  depth: 5,
  a: { row: 20, step: 4 },
  b: { step: 64 },
  out: { row: 64 },
  adds: true,
}
const [a, b, out] = [64, 1024, 4096]

/** A memory with ones in a and b, and machine code that adds their product to what lies at out. */
function prepared() {
  if (native === undefined) throw new Error('there is no machine code')
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })
  new Float32Array(memory.buffer, 0, out / 4).fill(1)
  const functions = native.functionsOn(memory)
  functions.functionOf(run)
  return { memory, machine: native.load(functions) }
}

describe('the choice of machine code', () => {
  it('is none where it is not wanted', () => {
    expect(openNative('none')).toBeUndefined()
    expect(nativeName(undefined)).toBe('none')
  })
})

describe.skipIf(native === undefined)('machine code', () => {
  const workers: Worker[] = []
  afterAll(() => Promise.all(workers.map((worker) => worker.terminate())))

  it('is in pages that can be executed and not written', () => {
    const { machine } = prepared()
    const mappings = readFileSync('/proc/self/maps', 'utf8').split('\n')
    for (const address of machine.addresses) {
      const holds = mappings.filter((line) => {
        const [from = 0n, to = 0n] = (line.split(' ')[0] ?? '')
          .split('-')
          .map((part) => BigInt(`0x${part || 0}`))
        return from <= address && address < to
      })
      expect(holds.map((line) => line.split(' ')[1])).toEqual(['r-xp'])
    }
  })

  it.runIf(existsSync('/sys/kernel/mm/transparent_hugepage'))(
    'works on memory that may have large pages',
    () => {
      const memory = new WebAssembly.Memory({ initial: 32, maximum: 64, shared: true })
      native?.useLargePages(memory, 2 ** 22)
      memory.grow(32)
      // Linux tells the advice that a mapping was given as the flag `hg`.
      const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[\da-f]+-[\da-f]+ )/m)
      const large = mappings.filter((mapping) => /^VmFlags:.* hg/m.test(mapping))
      expect(large.some((mapping) => /^Size: +4096 kB/m.test(mapping))).toBe(true)
    },
  )

  it('still works after its memory has grown', () => {
    const { memory, machine } = prepared()
    memory.grow(1)
    machine.multiply()(0, a, b, out, 2)
    expect([...new Float32Array(memory.buffer, out, 13 * 16)]).toEqual([
      ...Array<number>(12 * 16).fill(5),
      ...Array<number>(16).fill(0),
    ])
  })

  it('is called from several threads at once', async () => {
    const { memory, machine } = prepared()
    const source = `
      const { workerData: { machine, at } } = require('node:worker_threads')
      const multiply = (${MULTIPLY_SOURCE})(machine)
      for (let i = 0; i < 25000; i++) multiply(0, ${a}, ${b}, at, 1)`
    const { addresses, library } = machine
    const places = [0, 1, 2, 3].map((thread) => out + 4096 * thread)
    await Promise.all(
      places.map((at) => {
        const worker = new Worker(source, { eval: true, workerData: { machine: { addresses, library }, at } })
        workers.push(worker)
        return new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
      }),
    )
    for (const at of places) {
      expect(new Set(new Float32Array(memory.buffer, at, 6 * 16))).toEqual(new Set([125_000]))
    }
  })
})
