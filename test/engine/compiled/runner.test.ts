import { expect, test } from 'vitest'
import type { FunctionBuilder, Local } from '../../../src/backend/wasm/assembler/function-builder.ts'
import { ModuleBuilder } from '../../../src/backend/wasm/assembler/module-builder.ts'
import { Members } from '../../../src/engine/compiled/members.ts'
import { chooseRunner, InlineRunner, ThreadsRunner } from '../../../src/engine/compiled/runner.ts'

const memory = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })

/** A module whose `steps` are these. */
function moduleOf(
  body: (f: FunctionBuilder, call: Record<'thread' | 'threads' | 'first' | 'last', Local>) => void,
): WebAssembly.Module {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { initial: 1, maximum: 1, shared: true })
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  const steps = module.function({ params, results: ['i32'] }, (f, thread, threads, first, last) =>
    body(f, { thread, threads, first, last }),
  )
  module.export('steps', steps)
  return new WebAssembly.Module(module.toBytes())
}

const counting = moduleOf((f, { first, last }) => f.get(last).get(first).op('i32.sub'))
/** The last thread fails, the others wait for it as in a barrier. */
const failing = moduleOf((f, { thread }) => {
  f.get(thread).i32(1).op('i32.eq')
  f.if(() => f.op('unreachable'))
  f.i32(0).i32(0).i64(-1n).memory('memory.atomic.wait32')
})
const PAUSE_MS = 60
function pause(f: FunctionBuilder): void {
  f.i32(0)
    .i32(0)
    .i64(BigInt(PAUSE_MS) * 1_000_000n)
    .memory('memory.atomic.wait32')
  f.op('drop')
}
const pausing = moduleOf((f) => {
  pause(f)
  f.i32(10)
})
/** Does as many steps as there are threads. */
const numberOfThreads = moduleOf((f, { threads }) => {
  pause(f)
  f.get(threads)
})
const waiting = moduleOf((f) => f.i32(0).i32(0).i64(-1n).memory('memory.atomic.wait32'))

test.each([
  ['auto', 1e5, 1, InlineRunner],
  ['auto', 1.5e6, 1, ThreadsRunner],
  ['auto', 2.5e6, 2, ThreadsRunner],
  ['auto', 1e9, 4, ThreadsRunner],
  [1, 1e5, 1, InlineRunner],
  [3, 1e5, 3, ThreadsRunner],
] as const)('%s threads for a step of %d operations on 4 cores are %i', (threads, work, wanted, kind) => {
  const runner = chooseRunner(memory(), work, { threads, cores: 4 })
  expect(runner.threads).toBe(wanted)
  expect(runner).toBeInstanceOf(kind)
  runner.dispose()
})

test.each([
  ['the calling thread', () => new InlineRunner(memory())],
  ['threads of its own', () => new ThreadsRunner(memory(), [2])],
])('runs on %s until it is disposed of', async (_where, make) => {
  const runner = make()
  const module = runner.add(counting, 1)
  expect(await runner.run(module, 0, 7)).toBe(7)
  expect(await runner.run(module, 0, 8)).toBe(8)
  runner.dispose()
  await expect(runner.run(module, 0, 7)).rejects.toThrow('disposed of')
})

test.each([
  ['short calls may run on the calling thread', 1, [2, 1]],
  ['long calls always run on threads', 1e9, [2, 2]],
])('%s', async (_what, work, wanted) => {
  const runner = new ThreadsRunner(memory(), [2])
  const module = runner.add(numberOfThreads, work)
  const ran = []
  for (let call = 0; call < 2; call++) ran.push(await runner.run(module, 0, 1))
  expect(ran).toEqual(wanted)
  runner.dispose()
})

test('a thread that fails ends the call, though the others wait for it', async () => {
  const runner = new ThreadsRunner(memory(), [2])
  const module = runner.add(failing, 1)
  await expect(runner.run(module, 0, 1)).rejects.toThrow('unreachable')
  await expect(runner.run(module, 0, 1)).rejects.toThrow('unreachable')
  runner.dispose()
})

test('a call that still runs is rejected when the runner is disposed of', async () => {
  const runner = new ThreadsRunner(memory(), [2])
  const call = runner.run(runner.add(waiting, 1), 0, 1)
  runner.dispose()
  await expect(call).rejects.toThrow('disposed of')
})

test('members wait for a thread, and know for how long', async () => {
  const members = new Members(1)
  const runners = [1, 2, 3].map(() => members.runnerOn(memory()))
  const number = runners.map((runner) => runner.add(pausing, 1e9))
  const steps = await Promise.all(runners.map((runner, i) => runner.run(number[i] ?? -1, 0, 10)))
  expect(steps).toEqual([10, 10, 10])
  for (const [i, { waitedMs }] of runners.entries())
    expect(waitedMs).toBeGreaterThanOrEqual(0.9 * i * PAUSE_MS)
  members.dispose()
  await expect(runners[0]?.run(0, 0, 1)).rejects.toThrow('the session is disposed of')
})
