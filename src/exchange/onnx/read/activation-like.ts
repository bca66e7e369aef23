import { shortestFloat32 } from '../../shortest-float32.ts'
import { celu } from '../../../components/activations/celu.ts'
import { activations } from '../../../components/activations/index.ts'
import { Builder } from '../../../ir/builder.ts'
import { interpret } from '../../../ir/interpreter/interpreter.ts'
import type { Shape } from '../../../ir/ir.ts'
import { once } from '../../../once.ts'
import type { ComponentConfig } from '../../../registry.ts'

/** Numbers behind the bounds that a function of any use has. */
const FAR = Float64Array.of(-1e6, -3e4, -1e3, -300, 300, 1e3, 3e4, 1e6)

type SampledFunction = (points: Float64Array) => Float64Array

/** Numbers close together around 0, and some far from it. */
const POINTS = Float64Array.from({ length: 860 }, (_, i) =>
  i < 800 ? (i - 399.6) * 0.02 : (i - 830.4) * 3.7,
)

/**
 * The activation that a function of single numbers is, `linear` where it yields what it gets. Where it may bend, at some
 * constants or their opposites, it is compared on both sides.
 */
export function activationLike(
  f: SampledFunction,
  constants: readonly number[],
): ComponentConfig | undefined {
  const wanted = f(POINTS)
  const sides = Float64Array.from(constants.flatMap(aroundBoth))
  const isExact = (config: ComponentConfig): boolean =>
    isAlike(f(sides), valuesOf(config, sides)) && isAlikeFar(f(FAR), valuesOf(config, FAR))
  const usual = usualValues().filter(({ values }) => isAlike(wanted, values))
  const found = usual.find(({ config }) => isExact(config))
  if (found) return found.config
  const sampled = { at: (x: number) => f(Float64Array.of(x))[0] ?? NaN, values: wanted }
  for (const fit of FITTED)
    for (const config of configOf(fit(sampled)))
      if (isAlike(wanted, valuesOf(config, POINTS)) && isExact(config)) return config
  return undefined
}

/** Numbers next to another and to its opposite. */
function aroundBoth(x: number): number[] {
  const distance = 1e-3 * (1 + Math.abs(x))
  return [x - distance, x + distance, -x - distance, -x + distance]
}

/** Activations that need no options, or have them as Keras does. */
const usualValues = once(() =>
  activations.members
    // What celu is without options, elu is too.
    .filter((member) => member !== celu && !('axis' in member.options()))
    .flatMap(({ type }) => configOf({ type }))
    .map((config) => ({ config, values: valuesOf(config, POINTS) })),
)

function valuesOf(config: ComponentConfig, points: Float64Array): Float64Array {
  return applied(config, points, [1, points.length])
}

/** The result of an activation for the elements of a tensor. */
export function applied(config: ComponentConfig, x: Float64Array, shape: Shape): Float64Array {
  const b = new Builder()
  const y = activations.of(config).apply(b, b.input('x', shape), config)
  return interpret(b.program(new Map([['y', y]])), new Map([['x', x]])).get('y') ?? new Float64Array()
}

/** True where functions are alike far from 0, where one that is written as several operators may overflow. */
function isAlikeFar(wanted: Float64Array, found: Float64Array): boolean {
  return isAlike(
    wanted.filter(Number.isFinite),
    found.filter((_, i) => Number.isFinite(wanted[i])),
  )
}

/** Numbers of the file are float32, and samples are computed in float64. */
const TOLERANCE = 2e-6

export function isAlike(wanted: ArrayLike<number>, found: ArrayLike<number>): boolean {
  if (wanted.length !== found.length) return false
  for (let i = 0; i < wanted.length; i++) {
    const [value = NaN, other = NaN] = [wanted[i], found[i]]
    if (!Object.is(value, other) && !(Math.abs(value - other) <= TOLERANCE * (1 + Math.abs(value))))
      return false
  }
  return true
}

function configOf(options: { readonly type: string }): ComponentConfig[] {
  const parsed = activations.ref().safeParse(options)
  return parsed.success ? [parsed.data] : []
}

/** A function, and what it makes of POINTS. */
type Sampled = { readonly at: (x: number) => number; readonly values: Float64Array }

/** The options of an activation by the values that it would have with them. */
const FITTED: readonly ((f: Sampled) => { readonly type: string })[] = [
  () => ({ type: 'gelu', approximate: true }),
  ({ at }) => ({ type: 'leaky_relu', negative_slope: rounded(-at(-1)) }),
  ({ at }) => ({ type: 'elu', alpha: rounded(-at(-1e3)) }),
  ({ at }) => ({ type: 'celu', alpha: rounded(-at(-1e3)) }),
  ({ at }) => ({ type: 'squareplus', b: rounded(4 * at(0) ** 2) }),
  (f) => ({
    type: 'relu',
    negative_slope: rounded((f.at(-1e3) - f.at(-2e3)) / 1e3),
    max_value: f.at(1e6) < 1e5 ? rounded(f.at(1e6)) : null,
    threshold: bend(f, isNear),
  }),
  (f) => ({ type: 'hard_shrink', threshold: bend(f, isNear) }),
  (f) => ({ type: 'soft_shrink', threshold: bend(f, (_x, y) => y > 0) }),
  (f) => ({ type: 'threshold', threshold: bend(f, isNear), default_value: rounded(f.at(-1e3)) }),
]

/** The number from which on something holds of a number and what a function makes of it, as far as samples tell. */
function bend({ at, values }: Sampled, holds: (x: number, y: number) => boolean): number {
  const first = POINTS.findIndex((x, i) => holds(x, values[i] ?? NaN))
  let [low, high] = [POINTS[first - 1] ?? NaN, POINTS[first] ?? NaN]
  for (let i = 0; i < 60 && high - low > 1e-12; i++) {
    const middle = (low + high) / 2
    if (holds(middle, at(middle))) high = middle
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
