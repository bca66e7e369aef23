// The work of a kernel: floating-point operations that the mathematics asks for, and bytes that it must touch.

import { costOf } from '../../src/backend/plan/cost.ts'
import { membersOf, operandsOf } from '../../src/backend/plan/group.ts'
import { convolutionWindow, isProduct, matmulShape } from '../../src/backend/plan/products.ts'
import type { Product } from '../../src/backend/plan/products.ts'
import type { KernelPlan, Schedule } from '../../src/backend/plan/schedule.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import type { Value } from '../../src/ir/ir.ts'

export type KernelWork = { readonly label: string; readonly operations: number; readonly bytes: number }

export function describeKernel({ group, loop, shared }: KernelPlan, plan: Schedule): KernelWork {
  const { anchor, size, nest } = group
  // The kernels of a loop's body count for themselves.
  if (loop) return { label: `loop of ${loop.steps} steps: copies`, operations: 0, bytes: 0 }
  const own = membersOf(group)
  const members = own.filter((value) => value !== anchor)
  const read = readBy(own, plan)
  const written = own.filter((value) => plan.stored.has(value))
  const bytes = 4 * [...read, ...written].reduce((sum, value) => sum + sizeOf(value.shape), 0)
  const elementwise = members.reduce((sum, value) => sum + costOf(value) * costSize(value), 0)
  const operations = elementwise + (anchor && isProduct(anchor) ? 2 * multiplyAdds(anchor) : 0)
  const loops = nest ? `[${nest.outer} ${nest.reduced} ${nest.inner}]` : `[${size}]`
  const label = [
    anchor === undefined ? loops : `${anchor.op} ${shapesOf(anchor)}`,
    namesOf(members),
    ...(shared ? [] : ['(one thread)']),
  ]
  return { label: label.join(' '), operations, bytes }
}

/** Elements that a member computes: a reduction's are those that it reads. */
function costSize(value: Value): number {
  return sizeOf(value.op === 'reduce' ? value.x.shape : value.shape)
}

/** Values in memory that some values read. */
function readBy(own: readonly Value[], { stored }: Schedule): Set<Value> {
  const found = new Set<Value>()
  const visit = (value: Value): void => {
    if (own.includes(value)) return
    if (stored.has(value)) found.add(value)
    else operandsOf(value).forEach(visit)
  }
  for (const value of own) operandsOf(value).forEach(visit)
  return found
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
