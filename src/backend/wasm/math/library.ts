import type { BinaryFunction, UnaryFunction } from '../../../ir/ir.ts'
import type { Arithmetic } from '../../plan/arithmetic.ts'
import type { FunctionBuilder, FunctionIndex, Vector } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import { erf } from './error-function.ts'
import { exp, expm1, sigmoid, tanh } from './exponential.ts'
import { log, log1p, softplus } from './logarithm.ts'
import { definePower } from './power.ts'
import { cos, sin } from './trigonometric.ts'

/** Code on the stack's vector, or the body of a function that takes it in a local: those of many instructions. */
type UnaryCode =
  | { readonly inline: (f: FunctionBuilder) => void }
  | { readonly body: (f: FunctionBuilder, x: Vector, arithmetic: Arithmetic) => void }

const UNARY: Record<UnaryFunction, UnaryCode> = {
  abs: { inline: (f) => f.op('f32x4.abs') },
  ceil: { inline: (f) => f.op('f32x4.ceil') },
  cos: { body: cos },
  erf: { body: erf },
  exp: { body: exp },
  expm1: { body: expm1 },
  floor: { inline: (f) => f.op('f32x4.floor') },
  log: { body: log },
  log1p: { body: log1p },
  neg: { inline: (f) => f.op('f32x4.neg') },
  relu: { inline: (f) => f.f32x4(0).op('f32x4.pmax') },
  rsqrt: { inline: reciprocalRoot },
  sigmoid: { body: sigmoid },
  sign: { inline: sign },
  sin: { body: sin },
  softplus: { body: softplus },
  sqrt: { inline: (f) => f.op('f32x4.sqrt') },
  square: { inline: square },
  tanh: { body: tanh },
}

/** Instructions on two vectors on the stack, or the name of a function. Comparisons yield 0 or 1. */
const BINARY: Record<BinaryFunction, 'pow' | ((f: FunctionBuilder) => void)> = {
  add: (f) => f.op('f32x4.add'),
  sub: (f) => f.op('f32x4.sub'),
  mul: (f) => f.op('f32x4.mul'),
  div: (f) => f.op('f32x4.div'),
  max: (f) => f.op('f32x4.max'),
  min: (f) => f.op('f32x4.min'),
  pow: 'pow',
  equal: (f) => f.op('f32x4.eq').f32x4(1).op('v128.and'),
  less: (f) => f.op('f32x4.lt').f32x4(1).op('v128.and'),
  less_equal: (f) => f.op('f32x4.le').f32x4(1).op('v128.and'),
}

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
    const code = UNARY[name]
    if ('inline' in code) code.inline(f)
    else
      this.#call(f, name, () =>
        this.#module.function({ params: ['v128'], results: ['v128'] }, (g, x) =>
          code.body(g, x, this.#arithmetic),
        ),
      )
  }

  /** Replaces the two vectors on the stack by their image. */
  binary(f: FunctionBuilder, name: BinaryFunction): void {
    const code = BINARY[name]
    if (code === 'pow') this.#call(f, name, () => definePower(this.#module))
    else code(f)
  }

  #call(f: FunctionBuilder, name: string, define: () => FunctionIndex): void {
    const index = this.#known.get(name) ?? define()
    this.#known.set(name, index)
    f.call(index)
  }
}

function reciprocalRoot(f: FunctionBuilder): void {
  const x = f.local('v128')
  f.op('f32x4.sqrt').set(x).f32x4(1).get(x).op('f32x4.div')
}

/** 1 with the sign of x; 0 and NaN stay. */
function sign(f: FunctionBuilder): void {
  const x = f.local('v128')
  f.tee(x).f32x4(-0).op('v128.and').f32x4(1).op('v128.or')
  f.get(x).get(x).op('f32x4.abs').f32x4(0).op('f32x4.gt', 'v128.bitselect')
}

function square(f: FunctionBuilder): void {
  const x = f.local('v128')
  f.tee(x).get(x).op('f32x4.mul')
}
