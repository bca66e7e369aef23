import type { FunctionBuilder, Integer, Vector } from '../assembler/function-builder.ts'

/** Stores the first lanes of a vector; `pushAddress` leaves the rest of the address, in bytes. */
export function storeLanesAt(
  f: FunctionBuilder,
  vector: Vector,
  lanes: number,
  pushAddress: () => number,
): void {
  const push = (): number => {
    const bytes = pushAddress()
    f.get(vector)
    return bytes
  }
  if (lanes === 4) f.memory('v128.store', push())
  if (lanes === 2 || lanes === 3) f.memoryLane('v128.store64_lane', 0, push())
  if (lanes === 1) f.memoryLane('v128.store32_lane', 0, push())
  if (lanes === 3) f.memoryLane('v128.store32_lane', 2, push() + 8)
}

/** Stores the first lanes of a vector at the address in a local. */
export function storeLanes(
  f: FunctionBuilder,
  vector: Vector,
  lanes: number,
  address: Integer,
  bytes: number,
): void {
  storeLanesAt(f, vector, lanes, () => {
    f.get(address)
    return bytes
  })
}
