import { Bytes } from './bytes.ts'
import { lane, memory, memoryLane, plain, valueTypes } from './instructions.ts'
import type { ValueType } from './instructions.ts'

/** A local variable of one function. */
export type Local<Type extends ValueType = ValueType> = { readonly index: number; readonly type: Type }
export type Integer = Local<'i32'>
export type Vector = Local<'v128'>

/** A constant, or a local variable. */
export type Bound = number | Integer

/** The index of a function in its module. */
export type FunctionIndex = number

/** The target of a branch: the number of blocks open around it. */
export type Label = number

/** Writes the body of one function. Methods return the builder, so that short expressions read in one line. */
export class FunctionBuilder {
  readonly parameters: readonly Local[]
  readonly #code = new Bytes()
  readonly #localTypes: ValueType[] = []
  #depth = 0

  constructor(parameters: readonly ValueType[]) {
    this.parameters = parameters.map((type, index) => ({ index, type }))
  }

  /** A new local variable, 0 at the start of the function. */
  local<Type extends ValueType>(type: Type): Local<Type> {
    return { index: this.parameters.length + this.#localTypes.push(type) - 1, type }
  }

  locals<Type extends ValueType>(type: Type, count: number): Local<Type>[] {
    return Array.from({ length: count }, () => this.local(type))
  }

  /** New local variables of one type, by name. */
  integers<Name extends string>(...names: Name[]): Readonly<Record<Name, Integer>> {
    return this.#named('i32', names)
  }
  floats<Name extends string>(...names: Name[]): Readonly<Record<Name, Local<'f32'>>> {
    return this.#named('f32', names)
  }
  vectors<Name extends string>(...names: Name[]): Readonly<Record<Name, Vector>> {
    return this.#named('v128', names)
  }

  get(local: Local): this {
    return this.#indexed(0x20, local.index)
  }
  set(local: Local): this {
    return this.#indexed(0x21, local.index)
  }
  /** Like `set`, and leaves the value on the stack. */
  tee(local: Local): this {
    return this.#indexed(0x22, local.index)
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
  for(index: Integer, from: Bound, to: Bound, step: number, body: () => void): this {
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
    return typeof value === 'number' ? this.i32(value) : this.get(value)
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

  #named<Type extends ValueType, Name extends string>(
    type: Type,
    names: readonly Name[],
  ): Readonly<Record<Name, Local<Type>>>
  #named(type: ValueType, names: readonly string[]): Readonly<Record<string, Local>> {
    return Object.fromEntries(names.map((name) => [name, this.local(type)]))
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
