import { phasesOf } from '../../plan/schedule.ts'
import type { FunctionBuilder, FunctionIndex } from '../assembler/function-builder.ts'
import type { ThreadShare } from '../emit/partition.ts'
import { waitForAll } from './barrier.ts'

/** The function of a kernel: shared ones take (thread, threads), the others nothing. */
export type KernelFunction = { readonly index: FunctionIndex; readonly shared: boolean }

/** Runs kernels in order: threads wait for each other between phases. */
export function runKernels(
  f: FunctionBuilder,
  kernels: readonly KernelFunction[],
  barrier: FunctionIndex,
  { thread, threads }: ThreadShare,
): void {
  for (const [i, phase] of phasesOf(kernels).entries()) {
    if (i > 0) waitForAll(f, barrier, threads)
    if (phase.shared) {
      for (const { index } of phase.kernels) f.get(thread).get(threads).call(index)
    } else {
      f.get(thread).op('i32.eqz')
      f.if(() => {
        for (const { index } of phase.kernels) f.call(index)
      })
    }
  }
}
