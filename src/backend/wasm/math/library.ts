import type { BinaryFunction, UnaryFunction } from '../../../ir/ir.ts'
import type { Arithmetic } from '../../plan/arithmetic.ts'
import type { FunctionBuilder, FunctionIndex, Local, ModuleBuilder } from '../assembler/assembler.ts'
import { erf } from './error-function.ts'
import { exp, expm1, sigmoid, tanh } from './exponential.ts'
import { log, log1p, softplus } from './logarithm.ts'
import { definePower } from './power.ts'
import { cos, sin } from './trigonometric.ts'

type Emit = (f: FunctionBuilder, x: Local, arithmetic: Arithmetic) => void

/** Functions evaluated by polynomials; the rest of the unary functions are instructions. */
export const transcendental = { cos, erf, exp, expm1, log, log1p, sigmoid, sin, softplus, tanh } as const

/** Appends mathematical functions on f32x4 to a module, each once and only when it is used. */
export class MathLibrary {
  readonly #module: ModuleBuilder
  readonly #arithmetic: Arithmetic
  readonly #known = new Map<string, FunctionIndex>()

  constructor(module: ModuleBuilder, arithmetic: Arithmetic) {
    this.#module = module
    this.#arithmetic = arithmetic
  }

  /** Replaces the vector on the stack by its image. */
  unary(f: FunctionBuilder, name: UnaryFunction): void {
    const emit = lookUp(name)
    if (emit !== undefined) {
      f.call(
        this.#once(name, () =>
          this.#module.function({ params: ['v128'], results: ['v128'] }, (g, x) => {
            emit(g, x, this.#arithmetic)
          }),
        ),
      )
      return
    }
    instructions(f, name)
  }

  /** Replaces the two vectors on the stack by their image. Comparisons yield 0 or 1. */
  binary(f: FunctionBuilder, name: BinaryFunction): void {
    switch (name) {
      case 'pow':
        f.call(this.#once('pow', () => definePower(this.#module)))
        return
      case 'equal':
        f.op('f32x4.eq').f32x4(1).op('v128.and')
        return
      case 'less':
        f.op('f32x4.lt').f32x4(1).op('v128.and')
        return
      case 'less_equal':
        f.op('f32x4.le').f32x4(1).op('v128.and')
        return
      default:
        f.op(`f32x4.${name}`)
    }
  }

  #once(name: string, define: () => FunctionIndex): FunctionIndex {
    const known = this.#known.get(name) ?? define()
    this.#known.set(name, known)
    return known
  }
}

function lookUp(name: string): Emit | undefined {
  return Object.entries(transcendental).find(([key]) => key === name)?.[1]
}

/** The unary functions that are one or a few instructions. */
function instructions(f: FunctionBuilder, name: UnaryFunction): void {
  switch (name) {
    case 'abs':
    case 'neg':
    case 'sqrt':
    case 'ceil':
    case 'floor':
      f.op(`f32x4.${name}`)
      return
    case 'relu':
      f.f32x4(0).op('f32x4.pmax')
      return
    case 'rsqrt': {
      const x = f.local('v128')
      f.op('f32x4.sqrt').set(x).f32x4(1).get(x).op('f32x4.div')
      return
    }
    case 'sign': {
      const x = f.local('v128')
      // 1 with the sign of x; 0 and NaN stay.
      f.tee(x).f32x4(-0).op('v128.and').f32x4(1).op('v128.or')
      f.get(x).get(x).op('f32x4.abs').f32x4(0).op('f32x4.gt', 'v128.bitselect')
      return
    }
    case 'square': {
      const x = f.local('v128')
      f.tee(x).get(x).op('f32x4.mul')
      return
    }
    default:
      throw new Error(`no instructions for ${name}`)
  }
}
