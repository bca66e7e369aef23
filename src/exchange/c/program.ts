import { sameShape, sizeOf } from '../../ir/ir.ts'
import type { Op, Program, Value } from '../../ir/ir.ts'
import { operands } from '../../ir/ops/index.ts'
import { required } from '../../step/step-program.ts'
import { Code, constantArray, floatLiteral } from './code.ts'
import { writeInt8 } from './int8.ts'
import type { Int8Operation } from './int8.ts'
import { StaticMemory } from './memory.ts'
import { aliasOf, isElementwise, OPERATORS } from './operators.ts'
import type { OpWriting } from './op-writing.ts'

type MemoryName = 'memory' | 'integers' | 'bytes'

/** A part of the memory: `array` is its name in C. */
type Room = {
  readonly memory: StaticMemory
  readonly start: number
  readonly length: number
  readonly array: string
}

/** Programs as C statements, with the arrays at the top of the file that they need. */
export class ProgramWriter {
  readonly #memory = {
    memory: { type: 'float', room: new StaticMemory() },
    integers: { type: 'int', room: new StaticMemory() },
    bytes: { type: 'signed char', room: new StaticMemory() },
  }
  readonly #constants: string[] = []
  readonly #names = new Map<ArrayLike<number>, string>()
  readonly code = new Code()

  /** Declarations of the memory and the constants. */
  get declarations(): string {
    const arrays = Object.entries(this.#memory).flatMap(([name, { type, room }]) =>
      room.size > 0 ? [`static ${type} ${name}[${room.size}];\n`] : [],
    )
    return [...this.#constants, ...arrays].join('\n')
  }

  /** A constant array at the top of the file, once for the same data; returns its name. */
  constant(stem: string, data: Float32Array | Int32Array | Int8Array): string {
    const known = this.#names.get(data)
    if (known !== undefined) return known
    const isFloat = data instanceof Float32Array
    const type = isFloat ? 'float' : data instanceof Int8Array ? 'signed char' : 'int'
    const name = `${stem}_${this.#constants.length}`
    const values = Array.from(data, (value) => (isFloat ? floatLiteral(value) : String(value)))
    this.#constants.push(constantArray(type, name, values))
    this.#names.set(data, name)
    return name
  }

  /** Writes a program, whose inputs are these arrays; returns the arrays of its outputs, which stay. Some values are in int8. */
  write(
    program: Program,
    inputOf: (name: string) => string,
    small: ReadonlyMap<Value, Int8Operation> = new Map(),
  ): ReadonlyMap<string, string> {
    return this.#write(program, inputOf, small).outputs
  }

  #write(
    program: Program,
    inputOf: (name: string) => string,
    small: ReadonlyMap<Value, Int8Operation> = new Map(),
  ) {
    const arrays = new Map<Value, string>()
    const rooms = new Map<Value, Room>()
    const readBy = (value: Value): readonly Value[] => {
      const operation = small.get(value)
      return operation ? [operation.taken] : operands(value)
    }
    const last = lastUses(program, readBy)
    const nameOf = (value: Value): string => {
      if (value.op === 'input') return inputOf(value.name)
      const name = arrays.get(value)
      if (name === undefined) throw new Error('a value is used before it is written')
      return name
    }
    for (const [i, value] of program.values.entries()) {
      const alias = aliasOf(value)
      if (value.op === 'input' || !last.has(rootOf(value))) continue
      if (value.op === 'constant') arrays.set(value, this.constant('constant', value.data))
      else if (alias) arrays.set(value, from(nameOf(alias.of), alias.offset))
      else {
        const isFree = (root: Value): boolean => rooms.has(root) && last.get(root) === i
        const replaced = replacedBy(value, isFree)
        const room =
          (replaced && rooms.get(replaced)) ??
          this.#room(value.dtype === 'f32' ? 'memory' : 'integers', sizeOf(value.shape))
        if (replaced) rooms.delete(replaced)
        rooms.set(value, room)
        arrays.set(value, room.array)
        this.#writeValue(value, room, { nameOf, isFree: (one) => isFree(rootOf(one)) }, small.get(value))
      }
      for (const operand of readBy(value)) {
        const root = rootOf(operand)
        const room = last.get(root) === i ? rooms.get(root) : undefined
        if (room !== undefined && rooms.delete(root)) release(room)
      }
    }
    const outputs = new Map(Array.from(program.outputs, ([name, value]) => [name, nameOf(value)]))
    return { outputs, rooms: [...rooms.values()] }
  }

  #writeValue(
    value: Value,
    { array }: Room,
    { nameOf, isFree }: { nameOf: (value: Value) => string; isFree: (value: Value) => boolean },
    operation: Int8Operation | undefined,
  ): void {
    const { code } = this
    const scratch: Room[] = []
    const take =
      (name: MemoryName) =>
      (length: number): string => {
        const room = this.#room(name, length)
        scratch.push(room)
        return room.array
      }
    const writing: OpWriting = {
      code,
      x: nameOf,
      isFree,
      writeBody: (body, given) => {
        const { outputs, rooms } = this.#write(body, (name) => required(given, name))
        scratch.push(...rooms)
        return outputs
      },
      scratch: take('memory'),
      bytes: take('bytes'),
      wholeNumbers: take('integers'),
      constant: (stem, data) => this.constant(stem, data),
    }
    code.block('', () => {
      code.line(`${value.dtype === 'f32' ? 'float' : 'int'} *const y = ${array};`)
      if (operation) writeInt8(value, operation, writing)
      else writeOperation(value, writing)
    })
    scratch.forEach(release)
  }

  #room(name: MemoryName, length: number): Room {
    const { room: memory } = this.#memory[name]
    const start = memory.take(length)
    return { memory, start, length, array: from(name, start) }
  }
}

function release({ memory, start, length }: Room): void {
  memory.give(start, length)
}

function writeOperation<K extends Op>(value: Value<K>, writing: OpWriting): void {
  OPERATORS[value.op](value, writing)
}

/** The operand whose elements a value can take the places of, one by one; `isFree` tells an array that nothing else reads later. */
function replacedBy(value: Value, isFree: (root: Value) => boolean): Value | undefined {
  if (!isElementwise(value)) return undefined
  const roots = operands(value).map(rootOf)
  return operands(value)
    .filter(({ dtype, shape }) => dtype === value.dtype && sameShape(shape, value.shape))
    .map(rootOf)
    .find(
      (root) =>
        isFree(root) &&
        sizeOf(root.shape) === sizeOf(value.shape) &&
        roots.filter((one) => one === root).length === 1,
    )
}

/** The value whose array a value lies in. */
function rootOf(value: Value): Value {
  const alias = aliasOf(value)
  return alias ? rootOf(alias.of) : value
}

/** The place in a program where each array is used for the last time; results stay, and what no result depends on has none. */
function lastUses(
  { values, outputs }: Program,
  readBy: (value: Value) => readonly Value[],
): Map<Value, number> {
  const last = new Map(Array.from(outputs.values(), (value) => [rootOf(value), Infinity]))
  for (const [i, value] of [...values.entries()].toReversed()) {
    if (!last.has(rootOf(value))) continue
    for (const operand of readBy(value)) if (!last.has(rootOf(operand))) last.set(rootOf(operand), i)
  }
  return last
}

/** An array from an element on. */
function from(array: string, offset: number): string {
  if (offset === 0) return array
  const [, base = array, before = '0'] = /^\((\w+) \+ (\d+)\)$/.exec(array) ?? []
  return `(${base} + ${Number(before) + offset})`
}
