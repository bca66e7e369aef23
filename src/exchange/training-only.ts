import type { Op } from '../ir/ir.ts'

/** Ops that no forward pass has, in the tables of operators. */
export const trainingOnly = {
  random: refuse,
  scatter_add: refuse,
  convolution_kernel_gradient: refuse,
  max_pool_gradient: refuse,
  average_pool_gradient: refuse,
}

function refuse({ op }: { readonly op: Op }): never {
  throw new Error(`predictions have no ${op}`)
}
