import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import type { NativeFunctions } from '../../backend/native/functions.ts'
import type { Compiled } from '../../backend/wasm/module.ts'
import { Builder } from '../../ir/builder.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { outputsOf, replay } from '../../ir/passes/rewrite.ts'
import { print } from '../../ir/print.ts'
import { Recent } from '../../recent.ts'

/** A compiled module, and the functions of machine code that it calls. */
export type SharedModule = {
  readonly compiled: Compiled
  readonly functions: NativeFunctions | undefined
  /** Made when it is first wanted. */
  module?: WebAssembly.Module
}

type KnownModule = {
  readonly shared: SharedModule
  /** The scalar constants of the program that it was compiled from. */
  readonly constants: Float32Array
  /** Those that are data, by their numbers. */
  readonly asData: ReadonlySet<number>
}

/** Programs at their places whose modules are kept. */
const MOST_KEYS = 256

/** Modules that several models run, each on a memory of its own, in which everything lies at the same place. */
export class SharedModules {
  readonly #known = new Recent<KnownModule[]>(MOST_KEYS)
  readonly #hashes = new WeakMap<Program, string>()

  /**
   * A module for a program. It may be that of a program with other scalar constants, such as learning rates, if these are
   * data: those in which programs differed so far. `place` tells programs of different places in memory apart; `compile`
   * is given the program with some of its constants as inputs.
   */
  get(
    program: Program,
    place: string,
    compile: (program: Program) => Omit<SharedModule, 'module'>,
  ): SharedModule {
    const values = scalarConstants(program)
    const constants = Float32Array.from(values, ({ data }) => data[0] ?? 0)
    const key = `${place}\n${this.#hashOf(program, values)}`
    const known = this.#known.get(key, () => [])
    const differs = (from: Float32Array, i: number): boolean => !Object.is(from[i], constants[i])
    const fitting = known.find((one) =>
      constants.every((_, i) => one.asData.has(i) || !differs(one.constants, i)),
    )
    if (fitting) return fitting.shared
    const last = known.at(-1)
    const asData = new Set(
      last ? values.flatMap((_, i) => (last.asData.has(i) || differs(last.constants, i) ? [i] : [])) : [],
    )
    const shared: SharedModule = compile(
      withInputs(
        program,
        values.map((value, i) => (asData.has(i) ? value : undefined)),
      ),
    )
    known.push({ shared, constants, asData })
    return shared
  }

  /** The hash of a program without its scalar constants. */
  #hashOf(program: Program, constants: readonly ConstantValue[]): string {
    const known = this.#hashes.get(program)
    if (known !== undefined) return known
    const hash = createHash('sha256')
    hash.update(print(withInputs(program, constants)))
    addLongConstants(hash, program)
    const found = hash.digest('hex')
    this.#hashes.set(program, found)
    return found
  }
}

type ConstantValue = Value<'constant'>

/** The scalar constants of a program outside of loops. */
export function scalarConstants({ values }: Program): ConstantValue[] {
  return values.filter(
    (value): value is ConstantValue =>
      value.op === 'constant' && value.dtype === 'f32' && value.shape.length === 0,
  )
}

/** The input that holds a scalar constant. */
export function constantName(i: number): string {
  return `constant:${i}`
}

/** A program in which constants are inputs, named by their places in the list. */
function withInputs(program: Program, constants: readonly (ConstantValue | undefined)[]): Program {
  const numbers = new Map(constants.flatMap((value, i) => (value ? [[value, i] as const] : [])))
  if (numbers.size === 0) return program
  const b = new Builder()
  const copies = replay(b, program, (value, copy) => {
    const number = value.op === 'constant' ? numbers.get(value) : undefined
    return number === undefined ? copy : b.input(constantName(number), [])
  })
  return b.program(outputsOf(program, copies))
}

/** Tells programs of different long constants apart, whose numbers their text leaves out. */
function addLongConstants(hash: Hash, { values }: Program): void {
  for (const value of values) {
    if (value.op === 'constant' && value.data.length > 1) hash.update(value.data)
    else if (value.op === 'scan') addLongConstants(hash, value.body)
  }
}
