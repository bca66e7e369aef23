import { operandsOf } from './vector-program.ts'
import type { VectorOperand, Step, VectorValue } from './vector-program.ts'

/** The registers of a program's values, each free again after its last use. */
export class VectorRegisters {
  readonly #free: number[]
  readonly #registers = new Map<VectorValue, number>()
  readonly #lastUse = new Map<VectorValue, number>()

  /** The program's argument is in register 0; `results`: values that are still in theirs at the end. */
  constructor(count: number, steps: readonly Step[], results: readonly VectorValue[]) {
    this.#free = Array.from({ length: count - 1 }, (_, i) => i + 1)
    this.#registers.set(0, 0)
    for (const [i, step] of steps.entries()) for (const value of operandsOf(step)) this.#lastUse.set(value, i)
    for (const value of results) this.#lastUse.set(value, steps.length)
  }

  of(value: VectorValue): number {
    const register = this.#registers.get(value)
    if (register === undefined) throw new Error(`vector ${value} is used before it is made`)
    return register
  }

  /** A register for the result of step `i`: any one that is free after the step, or that one of its operands leaves. */
  place(i: number, step: Step, over: 'any' | readonly VectorOperand[]): number {
    const values = new Set(operandsOf(step))
    const dying = [...values].filter((value) => this.#lastUse.get(value) === i)
    if (over === 'any') this.#release(dying)
    const heir = over === 'any' ? undefined : dying.find((value) => over.includes(value))
    const register = heir === undefined ? this.#free.pop() : this.of(heir)
    if (register === undefined) throw new Error('too many vectors live at once')
    if (over !== 'any') this.#release(dying.filter((value) => value !== heir))
    this.#registers.set(i + 1, register)
    return register
  }

  #release(values: readonly VectorValue[]): void {
    this.#free.push(...values.map((value) => this.of(value)))
  }
}

/** The most registers that a program needs at once. */
export function registersFor(steps: readonly Step[], results: readonly VectorValue[]): number {
  const lastUse = new Map<VectorValue, number>()
  for (const [i, step] of steps.entries()) for (const value of operandsOf(step)) lastUse.set(value, i)
  for (const value of results) lastUse.set(value, steps.length)
  const live = new Set([0])
  let most = 1
  for (const [i] of steps.entries()) {
    live.add(i + 1)
    most = Math.max(most, live.size)
    for (const value of live) if ((lastUse.get(value) ?? -1) <= i) live.delete(value)
  }
  return most
}
