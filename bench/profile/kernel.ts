// The work of a kernel: floating-point operations that the mathematics asks for, and bytes that it must touch.

import { costOf } from '../../src/backend/plan/cost.ts'
import { isShifted, membersOf, operandsOf } from '../../src/backend/plan/group.ts'
import { convolutionWindow, isProduct, matmulShape } from '../../src/backend/plan/products.ts'
import type { Product } from '../../src/backend/plan/products.ts'
import type { KernelPlan, Schedule } from '../../src/backend/plan/schedule.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import type { Value } from '../../src/ir/ir.ts'

export type KernelWork = {
  readonly label: string
  /** The label without sizes. */
  readonly kind: string
  readonly operations: number
  readonly bytes: number
}

export function describeKernel({ group, loop, shared }: KernelPlan, plan: Schedule): KernelWork {
  const { anchor, size, nest } = group
  // The kernels of a loop's body count for themselves.
  if (loop)
    return { label: `loop of ${loop.steps} steps: copies`, kind: 'loop: copies', operations: 0, bytes: 0 }
  const own = membersOf(group)
  const members = own.filter((value) => value !== anchor)
  const written = own.filter((value) => plan.stored.has(value))
  const writtenSize = written.reduce((sum, value) => sum + sizeOf(value.shape), 0)
  const bytes = 4 * (writtenSize + sizeReadBy(own, plan))
  const elementwise = members.reduce((sum, value) => sum + costOf(value) * costSize(value), 0)
  const operations = elementwise + (anchor && isProduct(anchor) ? 2 * multiplyAdds(anchor) : 0)
  const loops = nest ? `[${nest.outer} ${nest.reduced} ${nest.inner}]` : `[${size}]`
  const label = [
    anchor === undefined ? loops : `${anchor.op} ${shapesOf(anchor)}`,
    namesOf(members),
    ...(shared ? [] : ['(one thread)']),
  ].join(' ')
  const kind = label
    .replaceAll(/\[[\d ]*\]|\(one thread\)|\d+ x/g, '')
    .replaceAll(/ +/g, ' ')
    .trim()
  return { label, kind, operations, bytes }
}

/** Elements that a member computes: a reduction's are those that it reads. */
function costSize(value: Value): number {
  return sizeOf(value.op === 'reduce' ? value.x.shape : value.shape)
}

/** Numbers in memory that some values read: of an operand of which only a part is taken, that part. */
function sizeReadBy(own: readonly Value[], { stored }: Schedule): number {
  const found = new Map<Value, number>()
  const visit = (value: Value, most: number): void => {
    if (own.includes(value)) return
    const size = Math.min(most, sizeOf(value.shape))
    if (stored.has(value)) found.set(value, Math.max(found.get(value) ?? 0, size))
    else visitOperands(value, size)
  }
  const visitOperands = (value: Value, size: number): void => {
    const most = isShifted(value) || value.op === 'gather' ? Math.min(size, sizeOf(value.shape)) : Infinity
    for (const operand of operandsOf(value)) visit(operand, most)
  }
  for (const value of own) visitOperands(value, Infinity)
  return [...found.values()].reduce((sum, size) => sum + size, 0)
}

function multiplyAdds(product: Product): number {
  if (product.op === 'matmul') {
    const { batch, rows, columns, depth } = matmulShape(product)
    return batch * rows * columns * depth
  }
  const { batch, output, channels, filters, size, groups } = convolutionWindow(product)
  return (batch * sizeOf(output) * sizeOf(size) * channels * filters) / groups
}

function shapesOf(anchor: Value): string {
  if (anchor.op === 'matmul') {
    const { batch, rows, columns, depth, transposeA, transposeB } = matmulShape(anchor)
    const many = batch > 1 ? `${batch} x ` : ''
    return `${many}[${rows} ${depth}]${transposeA ? "'" : ''} [${depth} ${columns}]${transposeB ? "'" : ''}`
  }
  return operandsOf(anchor)
    .map(({ shape }) => `[${shape.join(' ')}]`)
    .join(' ')
}

/** The operations of some values, each name once. */
function namesOf(values: readonly Value[]): string {
  const counts = new Map<string, number>()
  for (const value of values) {
    const name = 'function' in value ? `${value.op === 'reduce' ? 'r-' : ''}${value.function}` : value.op
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return Array.from(counts, ([name, count]) => (count > 1 ? `${count} ${name}` : name)).join(', ')
}
