// Machine code for x86-64: the few instructions that kernels are made of, in 256-bit (VEX, AVX2 + FMA) or 512-bit (EVEX,
// AVX-512F) vectors. Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2.

/** General registers by the numbers that instructions give them. */
export const registers = {
  rax: 0, rcx: 1, rdx: 2, rbx: 3, rsp: 4, rbp: 5, rsi: 6, rdi: 7,
  r8: 8, r9: 9, r10: 10, r11: 11, r12: 12, r13: 13, r14: 14, r15: 15,
} as const // prettier-ignore
export type Register = keyof typeof registers

/** Bytes of a vector: 32 for AVX2, 64 for AVX-512. */
export type VectorBytes = 32 | 64

/** Memory at a register plus a distance in bytes. */
export type Memory = { readonly base: Register; readonly bytes: number }

/**
 * An instruction on vectors: its opcode, the map (1: 0F, 2: 0F38, 3: 0F3A) and the prefix (1: 66, 2: F3) that select it;
 * `wide`: AVX-512 wants the bit W.
 */
export type VectorOperation = {
  readonly opcode: number
  readonly map: 1 | 2 | 3
  readonly prefix: 0 | 1 | 2
  readonly wide?: true
}

const LOAD: VectorOperation = { opcode: 0x10, map: 1, prefix: 0 }
const STORE: VectorOperation = { opcode: 0x11, map: 1, prefix: 0 }
const BROADCAST: VectorOperation = { opcode: 0x18, map: 2, prefix: 1 }
const MULTIPLY_ADD: VectorOperation = { opcode: 0xb8, map: 2, prefix: 1 }
const ADD: VectorOperation = { opcode: 0x58, map: 1, prefix: 0 }
const MASKED_LOAD: VectorOperation = { opcode: 0x2c, map: 2, prefix: 1 }
const MASKED_STORE: VectorOperation = { opcode: 0x2e, map: 2, prefix: 1 }
const TERNARY_LOGIC: VectorOperation = { opcode: 0x25, map: 3, prefix: 1 }
export const XOR_INTEGERS: VectorOperation = { opcode: 0xef, map: 1, prefix: 1 }

/** A number in memory for all lanes: AVX2 finds it there for each of them, AVX-512 spreads it. */
export type Constant = Memory & { readonly spread: true }

/** A vector register, or a place in memory. */
export type VectorSource = number | Memory | Constant

/** Lanes of AVX-512 that the mask register k1 names: others stay as they are in memory, or become 0. */
const MASKED = 0x01
const OR_ZERO = 0x80
const SPREAD = 0x10

export class Assembler {
  readonly #bytes: number[] = []
  /** The vectors of the instructions that follow. */
  vector: VectorBytes = 32

  get length(): number {
    return this.#bytes.length
  }

  toUint8Array(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes)
  }

  /** Code or data as it is. */
  raw(...bytes: readonly number[]): void {
    this.#bytes.push(...bytes)
  }

  /** Fills up to a multiple of some bytes with instructions that do nothing. */
  align(bytes: number): void {
    while (this.#bytes.length % bytes !== 0) this.raw(0x90)
  }

  /** Sets a register to an address or a number. */
  set(register: Register, value: bigint): void {
    const r = registers[register]
    this.raw(0x48 | (r >> 3), 0xb8 | (r & 7))
    for (let i = 0n; i < 8n; i++) this.raw(Number((value >> (8n * i)) & 0xffn))
  }

  /** to = the low 32 bits of from. */
  moveUnsigned32(to: Register, from: Register): void {
    this.#general(0x8b, registers[to], registers[from], false)
  }

  /** to = the 32 bits at an address. */
  loadUnsigned32(to: Register, { base, bytes }: Memory): void {
    const [reg, rm] = [registers[to], registers[base]]
    this.raw(0x40 | ((reg >> 3) << 2) | (rm >> 3), 0x8b, 0x80 | ((reg & 7) << 3) | (rm & 7))
    if ((rm & 7) === 4) this.raw(0x24)
    this.int32(bytes)
  }

  /** Sets a register to the address of a label, which is given later. */
  setAddress(register: Register): (label: number) => void {
    const r = registers[register]
    this.raw(0x48 | ((r >> 3) << 2), 0x8d, 0x05 | ((r & 7) << 3))
    const at = this.length
    this.int32(0)
    return (label) => {
      for (let i = 0; i < 4; i++) this.#bytes[at + i] = ((label - (at + 4)) >> (8 * i)) & 0xff
    }
  }

  move(to: Register, from: Register): void {
    this.#general(0x8b, registers[to], registers[from], true)
  }

  add(to: Register, from: Register | number): void {
    if (typeof from === 'number') this.#immediate(0, to, from)
    else this.#general(0x01, registers[from], registers[to], true)
  }

  subtract(to: Register, value: number): void {
    this.#immediate(5, to, value)
  }

  /** to = from * value. */
  multiply(to: Register, from: Register, value: number): void {
    this.#general(0x69, registers[to], registers[from], true)
    this.int32(value)
  }

  push(register: Register): void {
    this.#stack(0x50, register)
  }

  pop(register: Register): void {
    this.#stack(0x58, register)
  }

  return(): void {
    this.raw(0xc3)
  }

  /** Calls the function at a label. */
  call(target: number): void {
    this.raw(0xe8)
    this.int32(target - (this.length + 4))
  }

  /** The place of the next instruction, to jump to. */
  label(): number {
    return this.length
  }

  /** Jumps where the last result of `subtract` was not 0. */
  jumpIfNotZero(target: number): void {
    this.raw(0x0f, 0x85)
    this.int32(target - (this.length + 4))
  }

  load(vector: number, from: Memory): void {
    this.#memory(LOAD, vector, 0, from)
  }

  store(vector: number, to: Memory): void {
    this.#memory(STORE, vector, 0, to)
  }

  /** k1 = the low bits of a register (AVX-512). */
  setMask(from: Register): void {
    const r = registers[from]
    this.raw(0xc4, 0xc1 | (((r >> 3) ^ 1) << 5), 0x78, 0x92, 0xc8 | (r & 7))
  }

  /** Loads the lanes that a mask names, 0 for the others: k1 in AVX-512, the signs of a vector in AVX2. */
  loadMasked(vector: number, mask: number, from: Memory): void {
    if (this.vector === 64) this.#memory(LOAD, vector, 0, from, this.vector, OR_ZERO | MASKED)
    else this.#memory(MASKED_LOAD, vector, mask, from)
  }

  /** Stores the lanes that a mask names, as `loadMasked`. */
  storeMasked(vector: number, mask: number, to: Memory): void {
    if (this.vector === 64) this.#memory(STORE, vector, 0, to, this.vector, MASKED)
    else this.#memory(MASKED_STORE, vector, mask, to)
  }

  /** Fills a vector with the f32 at an address. */
  broadcast(vector: number, from: Memory): void {
    this.#memory(BROADCAST, vector, 0, from, 4)
  }

  /** sum = fma(x, y, sum). */
  multiplyAdd(sum: number, x: number, y: number): void {
    this.#register(MULTIPLY_ADD, sum, x, y)
  }

  /** to = x + y. */
  addVectors(to: number, x: number, y: number): void {
    this.#register(ADD, to, x, y)
  }

  /** to = operation(x, y), with an immediate byte where the operation takes one; those on one vector take y. */
  vectors(operation: VectorOperation, to: number, x: number, y: VectorSource, immediate?: number): void {
    if (typeof y === 'number') this.#register(operation, to, x, y)
    else this.#memory(operation, to, x, y, 'spread' in y ? 4 : this.vector)
    if (immediate !== undefined) this.raw(immediate)
  }

  /** to = all ones in the lanes of a mask register, zeros in the others (AVX-512). */
  expandMask(to: number, mask: number): void {
    this.#register(TERNARY_LOGIC, to, to, to, OR_ZERO | mask)
    this.raw(0xff)
  }

  clear(vector: number): void {
    this.#register(XOR_INTEGERS, vector, vector, vector)
  }

  /** Ends the use of wide vectors, which would slow down code in narrow ones. */
  leaveVectors(): void {
    this.raw(0xc5, 0xf8, 0x77)
  }

  #immediate(extension: number, register: Register, value: number): void {
    const r = registers[register]
    this.raw(0x48 | (r >> 3), 0x81, 0xc0 | (extension << 3) | (r & 7))
    this.int32(value)
  }

  #stack(opcode: number, register: Register): void {
    const r = registers[register]
    if (r > 7) this.raw(0x41)
    this.raw(opcode | (r & 7))
  }

  #general(opcode: number, reg: number, rm: number, wide: boolean): void {
    this.raw((wide ? 0x48 : 0x40) | ((reg >> 3) << 2) | (rm >> 3), opcode, 0xc0 | ((reg & 7) << 3) | (rm & 7))
  }

  #register(
    { opcode, map, prefix, wide }: VectorOperation,
    reg: number,
    second: number,
    rm: number,
    detail = 0,
  ): void {
    this.#prefix({ map, prefix, wide, reg, second, base: rm & 15, index: rm >> 4, detail })
    this.raw(opcode, 0xc0 | ((reg & 7) << 3) | (rm & 7))
  }

  #memory(
    { opcode, map, prefix, wide }: VectorOperation,
    reg: number,
    second: number,
    at: Memory | Constant,
    unit: number = this.vector,
    detail = 'spread' in at ? SPREAD : 0,
  ): void {
    const { base, bytes } = at
    const r = registers[base]
    this.#prefix({ map, prefix, wide, reg, second, base: r, index: 0, detail })
    this.raw(opcode)
    // Short distances of EVEX count in units of what is loaded.
    const distance = this.vector === 64 ? bytes / unit : bytes
    const short = Number.isInteger(distance) && distance >= -128 && distance < 128
    const mode = bytes === 0 && (r & 7) !== 5 ? 0x00 : short ? 0x40 : 0x80
    this.raw(mode | ((reg & 7) << 3) | (r & 7))
    if ((r & 7) === 4) this.raw(0x24)
    if (mode === 0x40) this.raw(distance & 0xff)
    if (mode === 0x80) this.int32(bytes)
  }

  #prefix({ map, prefix, wide, reg, second, base, index, detail }: Prefix): void {
    const not = (bit: number): number => (bit & 1) ^ 1
    const high = (not(reg >> 3) << 7) | (not(index) << 6) | (not(base >> 3) << 5)
    const third = ((second & 15) ^ 15) << 3
    if (this.vector === 32) {
      this.raw(0xc4, high | map, third | 0x04 | prefix)
      return
    }
    this.raw(0x62, high | (not(reg >> 4) << 4) | map, (wide ? 0x80 : 0) | third | 0x04 | prefix)
    this.raw(0x40 | (not(second >> 4) << 3) | detail)
  }

  /** Four bytes of data. */
  int32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.raw((value >> shift) & 0xff)
  }
}

type Prefix = {
  readonly map: number
  readonly prefix: number
  readonly wide: true | undefined
  readonly reg: number
  readonly second: number
  readonly base: number
  /** The fifth bit of a vector in the place of a memory operand. */
  readonly index: number
  /** Bits of EVEX alone: masks and spreading. */
  readonly detail: number
}
