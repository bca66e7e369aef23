import { shortestFloat32 } from '../../../shortest-float32.ts'
import { celu } from '../../../components/activations/celu.ts'
import { activations } from '../../../components/activations/index.ts'
import { linear } from '../../../components/activations/linear.ts'
import { Builder } from '../../../ir/builder.ts'
import { interpret } from '../../../ir/interpreter/interpreter.ts'
import type { Shape } from '../../../ir/ir.ts'
import { once } from '../../../once.ts'
import type { ComponentConfig } from '../../../registry.ts'

type Pointwise = (points: Float64Array) => Float64Array

/** Numbers on either side of 0, near it and far from it; none is a place where functions bend. */
const POINTS = Float64Array.from({ length: 61 }, (_, i) => (i < 50 ? (i - 24.6) * 0.31 : (i - 55.4) * 9.7))

/** The activation that a function of single numbers is; `linear` where it yields what it gets. */
export function activationLike(f: Pointwise): ComponentConfig | undefined {
  const wanted = f(POINTS)
  if (isAlike(wanted, POINTS)) return { type: linear.type }
  const usual = usualValues().find(({ values }) => isAlike(wanted, values))
  if (usual) return usual.config
  const at = (x: number): number => f(Float64Array.of(x))[0] ?? NaN
  for (const fit of FITTED)
    for (const config of configOf(fit(at))) if (isAlike(wanted, applied(config, POINTS, [1, POINTS.length]))) return config
  return undefined
}

/** Activations that need no options, or have them as Keras does. */
const usualValues = once(() =>
  activations.members
    // What celu is without options, elu is too.
    .filter((member) => member !== celu && !('axis' in member.options()))
    .flatMap(({ type }) => configOf({ type }))
    .map((config) => ({ config, values: applied(config, POINTS, [1, POINTS.length]) })),
)

/** What an activation makes of the elements of a tensor. */
export function applied(config: ComponentConfig, x: Float64Array, shape: Shape): Float64Array {
  const b = new Builder()
  const y = activations.of(config).apply(b, b.input('x', shape), config)
  return interpret(b.program(new Map([['y', y]])), new Map([['x', x]])).get('y') ?? new Float64Array()
}

/** Numbers of the file are float32, and samples are computed in float64. */
const TOLERANCE = 2e-6

export function isAlike(wanted: ArrayLike<number>, found: ArrayLike<number>): boolean {
  return (
    wanted.length === found.length &&
    Array.from(wanted).every((value, i) => {
      const other = found[i] ?? NaN
      return Object.is(value, other) || Math.abs(value - other) <= TOLERANCE * (1 + Math.abs(value))
    })
  )
}

function configOf(options: { readonly type: string }): ComponentConfig[] {
  const parsed = activations.ref().safeParse(options)
  return parsed.success ? [parsed.data] : []
}

/** The options of an activation by the values that it would have with them. */
const FITTED: readonly ((f: (x: number) => number) => { readonly type: string })[] = [
  () => ({ type: 'gelu', approximate: true }),
  (f) => ({ type: 'leaky_relu', negative_slope: rounded(-f(-1)) }),
  (f) => ({ type: 'elu', alpha: rounded(-f(-1e3)) }),
  (f) => ({ type: 'celu', alpha: rounded(-f(-1e3)) }),
  (f) => ({ type: 'squareplus', b: rounded(4 * f(0) ** 2) }),
  (f) => ({
    type: 'relu',
    negative_slope: rounded((f(-1e3) - f(-2e3)) / 1e3),
    max_value: f(1e6) < 1e5 ? rounded(f(1e6)) : null,
    threshold: bend((x) => isNear(f(x), x)),
  }),
  (f) => ({ type: 'hard_shrink', threshold: bend((x) => isNear(f(x), x)) }),
  (f) => ({ type: 'soft_shrink', threshold: bend((x) => f(x) > 0) }),
  (f) => ({
    type: 'threshold',
    threshold: bend((x) => isNear(f(x), x)),
    default_value: rounded(f(-1e3)),
  }),
]

/** The number from which on something holds, as far as samples tell. */
function bend(holds: (x: number) => boolean): number {
  const sorted = POINTS.toSorted((a, b) => a - b)
  const first = sorted.findIndex((x) => x > -8 && holds(x))
  let [low, high] = [sorted[first - 1] ?? NaN, sorted[first] ?? NaN]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (holds(middle)) high = middle
    else low = middle
  }
  return Math.abs(high) < 1e-6 ? 0 : rounded(high)
}

/** Options are float32 in a file. */
function rounded(value: number): number {
  return shortestFloat32(Math.fround(value))
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * (1 + Math.abs(b))
}
