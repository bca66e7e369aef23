import type { FunctionBuilder, FunctionIndex, Integer } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'

// Three words, each in a cache line of its own: how many threads have arrived, how often the barrier has opened, and
// how many threads sleep.
const ARRIVED = 0
const OPENED = 64
const ASLEEP = 128

/** Bytes at the start of the memory that the barrier uses. */
export const BARRIER_BYTES = 192

/**
 * Looks at the barrier before a thread goes to sleep, some 70 microseconds: longer than one thread alone needs for the
 * small kernels between two large ones.
 */
const SPINS = 200000

/**
 * Defines a function of the number of threads that returns when all of them have called it. Threads spin first: a
 * kernel ends on all of them at about the same time, and to wake a thread costs more than most kernels.
 */
export function defineBarrier(module: ModuleBuilder): FunctionIndex {
  return module.function({ params: ['i32'], results: [] }, (f, threads) => {
    const { round, spins } = f.integers('round', 'spins')
    f.i32(0).memory('i32.atomic.load', OPENED).set(round)
    f.i32(0).i32(1).memory('i32.atomic.rmw.add', ARRIVED).i32(1).op('i32.add').get(threads).op('i32.eq')
    f.if(
      () => open(f),
      () => {
        f.block((end) => {
          f.for(spins, 0, SPINS, 1, () => {
            opened(f, round)
            f.branchIf(end)
          })
          f.i32(0).i32(1).memory('i32.atomic.rmw.add', ASLEEP).op('drop')
          f.loop((again) => {
            f.i32(OPENED).get(round).i64(-1n).memory('memory.atomic.wait32').op('drop')
            opened(f, round)
            f.op('i32.eqz').branchIf(again)
          })
          f.i32(0).i32(1).memory('i32.atomic.rmw.sub', ASLEEP).op('drop')
        })
      },
    )
  })
}

function open(f: FunctionBuilder): void {
  f.i32(0).i32(0).memory('i32.atomic.store', ARRIVED)
  f.i32(0).i32(1).memory('i32.atomic.rmw.add', OPENED).op('drop')
  f.i32(0).memory('i32.atomic.load', ASLEEP)
  f.if(() => f.i32(OPENED).i32(-1).memory('memory.atomic.notify').op('drop'))
}

function opened(f: FunctionBuilder, round: Integer): void {
  f.i32(0).memory('i32.atomic.load', OPENED).get(round).op('i32.ne')
}

/** Waits until all threads are here. */
export function waitForAll(f: FunctionBuilder, barrier: FunctionIndex, threads: Integer): void {
  f.get(threads).i32(1).op('i32.ne')
  f.if(() => f.get(threads).call(barrier))
}
