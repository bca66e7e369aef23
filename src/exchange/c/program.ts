import { sizeOf } from '../../ir/ir.ts'
import type { DType, Op, Program, Value } from '../../ir/ir.ts'
import { operands } from '../../ir/ops/index.ts'
import { required } from '../../step/step-program.ts'
import { Code, constantArray, floatLiteral } from './code.ts'
import { StaticMemory } from './memory.ts'
import { aliasOf, OPERATORS } from './operators.ts'
import type { OpWriting } from './op-writing.ts'

/** A part of the memory: `array` is its name in C. */
type Room = {
  readonly memory: StaticMemory
  readonly start: number
  readonly length: number
  readonly array: string
}

/** Programs as C statements, with the arrays at the top of the file that they need. */
export class ProgramWriter {
  readonly #floats = new StaticMemory()
  readonly #integers = new StaticMemory()
  readonly #constants: string[] = []
  readonly code = new Code()

  /** Declarations of the memory and the constants. */
  get declarations(): string {
    const memory = [
      ['float', 'memory', this.#floats],
      ['int', 'integers', this.#integers],
    ] as const
    const arrays = memory.flatMap(([type, name, { size }]) =>
      size > 0 ? [`static ${type} ${name}[${size}];\n`] : [],
    )
    return [...this.#constants, ...arrays].join('\n')
  }

  /** A constant array at the top of the file; returns its name. */
  constant(stem: string, data: Float32Array | Int32Array): string {
    const isFloat = data instanceof Float32Array
    const name = `${stem}_${this.#constants.length}`
    const values = Array.from(data, (value) => (isFloat ? floatLiteral(value) : String(value)))
    this.#constants.push(constantArray(isFloat ? 'float' : 'int', name, values))
    return name
  }

  /** Writes a program, whose inputs are these arrays; returns the arrays of its outputs, which stay. */
  write(program: Program, inputOf: (name: string) => string): ReadonlyMap<string, string> {
    return this.#write(program, inputOf).outputs
  }

  #write(program: Program, inputOf: (name: string) => string) {
    const arrays = new Map<Value, string>()
    const rooms = new Map<Value, Room>()
    const last = lastUses(program)
    const nameOf = (value: Value): string => {
      if (value.op === 'input') return inputOf(value.name)
      const name = arrays.get(value)
      if (name === undefined) throw new Error('a value is used before it is written')
      return name
    }
    for (const [i, value] of program.values.entries()) {
      const alias = aliasOf(value)
      if (value.op === 'input') continue
      if (value.op === 'constant') arrays.set(value, this.constant('constant', value.data))
      else if (alias) arrays.set(value, from(nameOf(alias.of), alias.offset))
      else {
        const room = this.#room(value.dtype, sizeOf(value.shape))
        rooms.set(value, room)
        arrays.set(value, room.array)
        this.#writeValue(value, room, nameOf)
      }
      for (const operand of operands(value)) {
        const root = rootOf(operand)
        const room = last.get(root) === i ? rooms.get(root) : undefined
        if (room !== undefined && rooms.delete(root)) release(room)
      }
    }
    const outputs = new Map(Array.from(program.outputs, ([name, value]) => [name, nameOf(value)]))
    return { outputs, rooms: [...rooms.values()] }
  }

  #writeValue(value: Value, { array }: Room, nameOf: (value: Value) => string): void {
    const { code } = this
    const scratch: Room[] = []
    const writing: OpWriting = {
      code,
      x: nameOf,
      writeBody: (body, given) => {
        const { outputs, rooms } = this.#write(body, (name) => required(given, name))
        scratch.push(...rooms)
        return outputs
      },
      scratch: (length) => {
        const room = this.#room('f32', length)
        scratch.push(room)
        return room.array
      },
    }
    code.block('', () => {
      code.line(`${value.dtype === 'f32' ? 'float' : 'int'} *const y = ${array};`)
      writeOperation(value, writing)
    })
    scratch.forEach(release)
  }

  #room(dtype: DType, length: number): Room {
    const memory = dtype === 'f32' ? this.#floats : this.#integers
    const start = memory.take(length)
    return { memory, start, length, array: from(dtype === 'f32' ? 'memory' : 'integers', start) }
  }
}

function release({ memory, start, length }: Room): void {
  memory.give(start, length)
}

function writeOperation<K extends Op>(value: Value<K>, writing: OpWriting): void {
  OPERATORS[value.op](value, writing)
}

/** The value whose array a value lies in. */
function rootOf(value: Value): Value {
  const alias = aliasOf(value)
  return alias ? rootOf(alias.of) : value
}

/** The place in a program where each array is used for the last time; results stay. */
function lastUses({ values, outputs }: Program): Map<Value, number> {
  const last = new Map<Value, number>()
  for (const [i, value] of values.entries())
    for (const operand of operands(value)) last.set(rootOf(operand), i)
  for (const value of outputs.values()) last.set(rootOf(value), Infinity)
  return last
}

/** An array from an element on. */
function from(array: string, offset: number): string {
  if (offset === 0) return array
  const [, base = array, before = '0'] = /^\((\w+) \+ (\d+)\)$/.exec(array) ?? []
  return `(${base} + ${Number(before) + offset})`
}
