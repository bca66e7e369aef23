import { operandsOf } from './vector-program.ts'
import type { VectorOperand, Step, VectorValue } from './vector-program.ts'

/** The registers of a program's values, each free again after its last use. */
export class VectorRegisters {
  readonly #free: number[]
  readonly #registers = new Map<VectorValue, number>()
  readonly #lastUse = new Map<VectorValue, number>()

  /** `argument`: the register of the program's argument. */
  constructor(count: number, steps: readonly Step[], argument: number) {
    this.#free = Array.from({ length: count }, (_, register) => register).filter((n) => n !== argument)
    this.#registers.set(0, argument)
    for (const [i, step] of steps.entries()) for (const value of operandsOf(step)) this.#lastUse.set(value, i)
    this.#lastUse.set(steps.length, steps.length)
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
