import type { Assembler, Constant, Register } from './assembler.ts'

/** Numbers behind the code, each once, to which a register points. */
export class ConstantPool {
  readonly #code: Assembler
  readonly #base: Register
  readonly #place: ReturnType<Assembler['setAddress']>
  readonly #bits: number[] = []
  /** AVX-512 spreads a number over its lanes; AVX2 needs it in each. */
  readonly #copies: number

  /** Sets the register to where the numbers will be. */
  constructor(code: Assembler, base: Register) {
    this.#code = code
    this.#base = base
    this.#copies = code.vector === 64 ? 1 : code.vector / 4
    this.#place = code.setAddress(base)
  }

  /** A number in all lanes, by its bits. */
  of(bits: number): Constant {
    if (!this.#bits.includes(bits)) this.#bits.push(bits)
    return { base: this.#base, bytes: 4 * this.#bits.indexOf(bits) * this.#copies, spread: true }
  }

  /** Writes the numbers behind the code. */
  write(): void {
    this.#code.align(64)
    this.#place(this.#code.label())
    for (const bits of this.#bits) for (let copy = 0; copy < this.#copies; copy++) this.#code.int32(bits)
  }
}
