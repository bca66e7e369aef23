// Builds WebAssembly binaries: a module of functions whose bodies are written instruction by instruction, in the
// names of the text format. Type errors are left to the engine's validation, which names function and offset.

import { Bytes } from './bytes.ts'
import { lane, memory, memoryLane, plain, valueTypes } from './instructions.ts'
import type { ValueType } from './instructions.ts'

export type { ValueType } from './instructions.ts'

/** The index of a local variable of one function. */
export type Local = number

/** The index of a function in its module. */
export type FunctionIndex = number

/** The target of a branch: the number of blocks open around it. */
export type Label = number

export type MemoryLimits = { readonly initial: number; readonly maximum: number; readonly shared: boolean }

type Signature = { readonly params: readonly ValueType[]; readonly results: readonly ValueType[] }

export class ModuleBuilder {
  readonly #types = new Map<string, number>()
  readonly #typeSection = new Bytes()
  readonly #imports = new Bytes()
  readonly #exports = new Bytes()
  readonly #functions: { type: number; code: Bytes }[] = []
  #importCount = 0
  #exportCount = 0

  /** Limits are in pages of 64 KiB. */
  importMemory(module: string, name: string, limits: MemoryLimits): void {
    this.#importCount++
    this.#imports.name(module)
    this.#imports.name(name)
    this.#imports.byte(0x02)
    this.#imports.byte(limits.shared ? 0x03 : 0x01)
    this.#imports.unsigned(limits.initial)
    this.#imports.unsigned(limits.maximum)
  }

  /** Appends a function; `body` gets its builder and its parameters as locals. */
  function(signature: Signature, body: (f: FunctionBuilder, ...params: Local[]) => void): FunctionIndex {
    const f = new FunctionBuilder(signature.params.length)
    body(f, ...signature.params.keys())
    return this.#functions.push({ type: this.#type(signature), code: f.toBytes() }) - 1
  }

  export(name: string, index: FunctionIndex): void {
    this.#exportCount++
    this.#exports.name(name)
    this.#exports.byte(0x00)
    this.#exports.unsigned(index)
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const types = new Bytes()
    const code = new Bytes()
    for (const f of this.#functions) {
      types.unsigned(f.type)
      code.sized(f.code)
    }
    const out = new Bytes()
    out.append(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00))
    section(out, 1, this.#types.size, this.#typeSection)
    section(out, 2, this.#importCount, this.#imports)
    section(out, 3, this.#functions.length, types)
    section(out, 7, this.#exportCount, this.#exports)
    section(out, 10, this.#functions.length, code)
    return out.toUint8Array()
  }

  #type({ params, results }: Signature): number {
    const key = `${params.join()}:${results.join()}`
    const known = this.#types.get(key)
    if (known !== undefined) return known
    this.#typeSection.byte(0x60)
    for (const list of [params, results]) {
      this.#typeSection.unsigned(list.length)
      for (const type of list) this.#typeSection.byte(valueTypes[type])
    }
    this.#types.set(key, this.#types.size)
    return this.#types.size - 1
  }
}

function section(out: Bytes, id: number, count: number, content: Bytes): void {
  if (count === 0) return
  const body = new Bytes()
  body.unsigned(count)
  body.append(content)
  out.byte(id)
  out.sized(body)
}

/** Writes the body of one function. Methods return the builder, so that short expressions read in one line. */
export class FunctionBuilder {
  readonly #code = new Bytes()
  readonly #localTypes: ValueType[] = []
  readonly #parameterCount: number
  #depth = 0

  constructor(parameterCount: number) {
    this.#parameterCount = parameterCount
  }

  /** A new local variable, 0 at the start of the function. */
  local(type: ValueType): Local {
    return this.#parameterCount + this.#localTypes.push(type) - 1
  }

  locals(type: ValueType, count: number): Local[] {
    return Array.from({ length: count }, () => this.local(type))
  }

  get(local: Local): this {
    return this.#indexed(0x20, local)
  }
  set(local: Local): this {
    return this.#indexed(0x21, local)
  }
  /** Like `set`, and leaves the value on the stack. */
  tee(local: Local): this {
    return this.#indexed(0x22, local)
  }

  i32(value: number): this {
    this.#code.byte(0x41)
    this.#code.signed(value)
    return this
  }
  i64(value: bigint): this {
    this.#code.byte(0x42)
    this.#code.signed64(value)
    return this
  }
  f32(value: number): this {
    this.#code.byte(0x43)
    this.#code.float32(value)
    return this
  }
  f64(value: number): this {
    this.#code.byte(0x44)
    this.#code.float64(value)
    return this
  }
  /** Four lanes, or one number for all of them. */
  f32x4(a: number, b = a, c = a, d = a): this {
    this.#instruction(0xfd000c)
    for (const value of [a, b, c, d]) this.#code.float32(value)
    return this
  }
  /** Four lanes, or one number for all of them. */
  i32x4(a: number, b = a, c = a, d = a): this {
    this.#instruction(0xfd000c)
    for (const value of [a, b, c, d]) this.#code.int32(value)
    return this
  }

  op(...names: (keyof typeof plain)[]): this {
    for (const name of names) this.#instruction(plain[name])
    return this
  }

  /** A load, store or atomic instruction at the address on the stack + offset (bytes). */
  memory(name: keyof typeof memory, offset = 0): this {
    const [code, alignment] = memory[name]
    this.#instruction(code)
    this.#code.unsigned(alignment)
    this.#code.unsigned(offset)
    return this
  }

  lane(name: keyof typeof lane, index: number): this {
    this.#instruction(lane[name])
    this.#code.byte(index)
    return this
  }

  memoryLane(name: keyof typeof memoryLane, index: number, offset = 0): this {
    const [code, alignment] = memoryLane[name]
    this.#instruction(code)
    this.#code.unsigned(alignment)
    this.#code.unsigned(offset)
    this.#code.byte(index)
    return this
  }

  /** Picks four 32-bit lanes out of the eight of two vectors. */
  shuffle(...lanes: readonly [number, number, number, number]): this {
    this.#instruction(0xfd000d)
    for (const index of lanes) for (let i = 0; i < 4; i++) this.#code.byte(4 * index + i)
    return this
  }

  /** Copies bytes; takes destination, source and length from the stack. */
  memoryCopy(): this {
    this.#instruction(0xfc000a)
    this.#code.byte(0)
    this.#code.byte(0)
    return this
  }
  /** Fills bytes; takes destination, value and length from the stack. */
  memoryFill(): this {
    this.#instruction(0xfc000b)
    this.#code.byte(0)
    return this
  }

  call(index: FunctionIndex): this {
    return this.#indexed(0x10, index)
  }

  /** A block whose label stands at its end. */
  block(body: (end: Label) => void): this {
    return this.#structured(0x02, undefined, body)
  }
  /** A block whose label stands at its start; it runs once unless something branches there. */
  loop(body: (start: Label) => void): this {
    return this.#structured(0x03, undefined, body)
  }
  /** Takes an i32 condition from the stack; with a type, both sides leave one value of it. */
  if(then: () => void, otherwise?: () => void, type?: ValueType): this {
    return this.#structured(0x04, type, () => {
      then()
      if (otherwise === undefined) return
      this.#code.byte(0x05)
      otherwise()
    })
  }
  branch(label: Label): this {
    return this.#indexed(0x0c, this.#depth - label)
  }
  branchIf(label: Label): this {
    return this.#indexed(0x0d, this.#depth - label)
  }

  /**
   * Runs the body for index = from, from + step ... while below `to` (signed); bounds are constants or locals. After
   * it the index may stand anywhere.
   */
  for(index: Local, from: Bound, to: Bound, step: number, body: () => void): this {
    this.bound(from).set(index)
    if (typeof from === 'number' && typeof to === 'number' && from < to && from + step >= to) {
      body()
      return this
    }
    return this.block((end) => {
      if (typeof from !== 'number' || typeof to !== 'number' || from >= to) {
        this.get(index).bound(to).op('i32.ge_s').branchIf(end)
      }
      this.loop((start) => {
        body()
        this.get(index).i32(step).op('i32.add').tee(index)
        this.bound(to).op('i32.lt_s').branchIf(start)
      })
    })
  }

  /** Pushes a constant or a local. */
  bound(value: Bound): this {
    return typeof value === 'number' ? this.i32(value) : this.get(value.local)
  }

  toBytes(): Bytes {
    const groups: [ValueType, number][] = []
    for (const type of this.#localTypes) {
      const last = groups.at(-1)
      if (last?.[0] === type) last[1]++
      else groups.push([type, 1])
    }
    const bytes = new Bytes()
    bytes.unsigned(groups.length)
    for (const [type, count] of groups) {
      bytes.unsigned(count)
      bytes.byte(valueTypes[type])
    }
    bytes.append(this.#code)
    bytes.byte(0x0b)
    return bytes
  }

  #structured(code: number, type: ValueType | undefined, body: (label: Label) => void): this {
    this.#code.byte(code)
    this.#code.byte(type === undefined ? 0x40 : valueTypes[type])
    body(++this.#depth)
    this.#depth--
    this.#code.byte(0x0b)
    return this
  }

  #indexed(code: number, index: number): this {
    this.#code.byte(code)
    this.#code.unsigned(index)
    return this
  }

  #instruction(code: number): void {
    if (code <= 0xff) {
      this.#code.byte(code)
    } else {
      this.#code.byte(code >>> 16)
      this.#code.unsigned(code & 0xffff)
    }
  }
}

/** A constant or a local, of type i32. */
export type Bound = number | { readonly local: Local }
