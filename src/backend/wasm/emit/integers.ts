// Arithmetic of addresses, counts and bounds.

import type { FunctionBuilder, Integer } from '../assembler/function-builder.ts'

/** Locals times constants. */
export type Terms = readonly (readonly [local: Integer, factor: number])[]

/** Sets a local to a constant plus locals times constants. */
export function setLinear(f: FunctionBuilder, target: Integer, constant: number, ...terms: Terms): void {
  f.i32(constant)
  for (const [local, factor] of terms) {
    if (factor === 0) continue
    f.get(local)
    if (factor !== 1) f.i32(factor).op('i32.mul')
    f.op('i32.add')
  }
  f.set(target)
}

export function advance(f: FunctionBuilder, pointer: Integer, bytes: number): void {
  f.get(pointer).i32(bytes).op('i32.add').set(pointer)
}

/** Clears memory at the address in a local. */
export function clearBytes(f: FunctionBuilder, address: Integer, bytes: number): void {
  f.get(address).i32(0).i32(bytes).memoryFill()
}

/** Pushes the larger of a local and a constant. */
export function pushAtLeast(f: FunctionBuilder, value: Integer, limit: number): FunctionBuilder {
  return f.get(value).i32(limit).get(value).i32(limit).op('i32.gt_s', 'select')
}

/** Pushes the smaller of a local and a constant. */
export function pushAtMost(f: FunctionBuilder, value: Integer, limit: number): FunctionBuilder {
  return f.get(value).i32(limit).get(value).i32(limit).op('i32.lt_s', 'select')
}

/**
 * The steps t of 0 .. count - 1 for which start + t * step (step > 0) is in 0 .. length - 1, where start is the linear
 * expression; sets two locals.
 */
export function boundSteps(
  f: FunctionBuilder,
  { from, to }: Readonly<Record<'from' | 'to', Integer>>,
  [constant, terms]: readonly [number, Terms],
  { step, count, length }: { readonly step: number; readonly count: number; readonly length: number },
): void {
  const negated = terms.map(([local, factor]) => [local, -factor] as const)
  for (const [target, limit] of [[from, 0] as const, [to, length] as const]) {
    setLinear(f, target, limit - constant, ...negated)
    pushAtLeast(f, target, 0)
    if (step > 1)
      f.i32(step - 1)
        .op('i32.add')
        .i32(step)
        .op('i32.div_u')
    f.set(target)
    pushAtMost(f, target, count).set(target)
  }
}
