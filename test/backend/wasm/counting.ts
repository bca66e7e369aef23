// Counts the instructions that a module runs: a measure of its speed that is the same on every machine and at every load.

import { Bytes } from '../../../src/backend/wasm/assembler/bytes.ts'
import { lane, memory, memoryLane, plain } from '../../../src/backend/wasm/assembler/instructions.ts'

/** An instruction's operands in the binary: numbers of variable length, and then so many bytes. */
type Immediates = { readonly numbers: number; readonly bytes: number }

const CODE_SECTION = 10
const [BLOCK, LOOP, IF, ELSE, END, BRANCH, BRANCH_IF] = [0x02, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d]

const IMMEDIATES = new Map<number, Immediates>([
  ...[BLOCK, LOOP, IF].map((code) => [code, { numbers: 0, bytes: 1 }] as const),
  ...[ELSE, END].map((code) => [code, { numbers: 0, bytes: 0 }] as const),
  // Branches, call, local.get, local.set, local.tee, i32.const, i64.const.
  ...[BRANCH, BRANCH_IF, 0x10, 0x20, 0x21, 0x22, 0x41, 0x42].map(
    (code) => [code, { numbers: 1, bytes: 0 }] as const,
  ),
  // f32.const, f64.const, v128.const, i8x16.shuffle, memory.copy, memory.fill.
  [0x43, { numbers: 0, bytes: 4 }],
  [0x44, { numbers: 0, bytes: 8 }],
  [0xfd000c, { numbers: 0, bytes: 16 }],
  [0xfd000d, { numbers: 0, bytes: 16 }],
  [0xfc000a, { numbers: 0, bytes: 2 }],
  [0xfc000b, { numbers: 0, bytes: 1 }],
  ...Object.values(plain).map((code) => [code, { numbers: 0, bytes: 0 }] as const),
  ...Object.values(memory).map(([code]) => [code, { numbers: 2, bytes: 0 }] as const),
  ...Object.values(lane).map((code) => [code, { numbers: 0, bytes: 1 }] as const),
  ...Object.values(memoryLane).map(([code]) => [code, { numbers: 2, bytes: 1 }] as const),
])

/** Where control may come from elsewhere, or go: what follows need not run as often. */
const BOUNDARIES = new Set<number>([LOOP, IF, ELSE, END, BRANCH, BRANCH_IF, plain.return, plain.unreachable])
/** What costs nothing in machine code: structure, local variables and constants. */
const FREE = new Set<number>([BLOCK, LOOP, ELSE, END, 0x20, 0x21, 0x22, 0x41, 0x42, 0x43, 0x44, 0xfd000c])

/** The same module, which also adds each instruction that it runs to an i64 at an address (in bytes). */
export function counting(module: Uint8Array, address: number): Uint8Array<ArrayBuffer> {
  const reader = new Reader(module)
  const out = new Bytes()
  out.append(reader.take(8))
  while (!reader.done) {
    const id = reader.byte()
    const content = reader.take(reader.number())
    out.byte(id)
    out.sized(id === CODE_SECTION ? countingSection(content, address) : content)
  }
  return out.toUint8Array()
}

function countingSection(section: Uint8Array, address: number): Bytes {
  const reader = new Reader(section)
  const count = reader.number()
  const out = new Bytes()
  out.unsigned(count)
  for (let i = 0; i < count; i++) out.sized(countingFunction(reader.take(reader.number()), address))
  return out
}

function countingFunction(body: Uint8Array, address: number): Bytes {
  const reader = new Reader(body)
  for (let groups = reader.number(); groups > 0; groups--) {
    reader.number()
    reader.byte()
  }
  const out = new Bytes()
  out.append(body.subarray(0, reader.position))
  let [start, count] = [reader.position, 0]
  while (!reader.done) {
    const code = reader.instruction()
    if (!FREE.has(code)) count++
    if (!BOUNDARIES.has(code)) continue
    if (count > 0) appendCount(out, address, count)
    out.append(body.subarray(start, reader.position))
    start = reader.position
    count = 0
  }
  return out
}

function appendCount(out: Bytes, address: number, count: number): void {
  const constant = (value: number): void => {
    out.byte(0x41)
    out.signed(value)
  }
  const access = ([code, alignment]: readonly [number, number]): void => {
    out.byte(code)
    out.unsigned(alignment)
    out.unsigned(address)
  }
  constant(0)
  constant(0)
  access(memory['i64.load'])
  out.byte(0x42)
  out.signed64(BigInt(count))
  out.byte(plain['i64.add'])
  access(memory['i64.store'])
}

class Reader {
  readonly #data: Uint8Array
  position = 0

  constructor(data: Uint8Array) {
    this.#data = data
  }

  get done(): boolean {
    return this.position === this.#data.length
  }

  byte(): number {
    const byte = this.#data[this.position++]
    if (byte === undefined) throw new Error('the module ends too early')
    return byte
  }

  take(length: number): Uint8Array {
    this.position += length
    return this.#data.subarray(this.position - length, this.position)
  }

  /** LEB128 of an unsigned 32-bit integer; others are read in the right length. */
  number(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  /** Reads an instruction and returns its code, as in instructions.ts. */
  instruction(): number {
    const first = this.byte()
    const code = first < 0xfc ? first : first * 0x10000 + this.number()
    const immediates = IMMEDIATES.get(code)
    if (immediates === undefined) throw new Error(`unknown instruction 0x${code.toString(16)}`)
    for (let i = 0; i < immediates.numbers; i++) this.number()
    this.take(immediates.bytes)
    return code
  }
}
