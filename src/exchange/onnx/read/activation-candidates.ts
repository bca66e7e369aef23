import { shortestFloat32 } from '../../../shortest-float32.ts'
import { celu } from '../../../components/activations/celu.ts'
import { activations } from '../../../components/activations/index.ts'
import { once } from '../../../once.ts'
import type { ComponentConfig } from '../../../registry.ts'

type Pointwise = (x: number) => number

/** Activations that need no options, or have them as Keras does. */
const defaults = once((): ComponentConfig[] =>
  activations.members
    // What celu is without options, elu is too.
    .filter((member) => member !== celu && !('axis' in member.options()))
    .flatMap(({ type }) => configOf({ type })),
)

/** Activations that a function may be, with the options that follow from its values. */
export function candidates(f: Pointwise, points: Float64Array): ComponentConfig[] {
  return [...defaults(), ...FITTED.flatMap((fit) => configOf(fit(f, points)))]
}

function configOf(options: { readonly type: string }): ComponentConfig[] {
  const parsed = activations.ref().safeParse(options)
  return parsed.success ? [parsed.data] : []
}

/** The options of an activation by the values that it would have with them. */
const FITTED: readonly ((f: Pointwise, points: Float64Array) => { readonly type: string })[] = [
  () => ({ type: 'gelu', approximate: true }),
  (f) => ({ type: 'leaky_relu', negative_slope: rounded(-f(-1)) }),
  (f) => ({ type: 'elu', alpha: rounded(-f(-1e3)) }),
  (f) => ({ type: 'celu', alpha: rounded(-f(-1e3)) }),
  (f) => ({ type: 'squareplus', b: rounded(4 * f(0) ** 2) }),
  (f, points) => ({
    type: 'relu',
    negative_slope: rounded((f(-1e3) - f(-2e3)) / 1e3),
    max_value: f(1e6) < 1e5 ? rounded(f(1e6)) : null,
    threshold: bend((x) => isNear(f(x), x), points),
  }),
  (f, points) => ({ type: 'hard_shrink', threshold: bend((x) => isNear(f(x), x), points) }),
  (f, points) => ({ type: 'soft_shrink', threshold: bend((x) => f(x) > 0, points) }),
  (f, points) => ({
    type: 'threshold',
    threshold: bend((x) => isNear(f(x), x), points),
    default_value: rounded(f(-1e3)),
  }),
]

/** The number from which on something holds, as far as samples tell. */
function bend(holds: (x: number) => boolean, points: Float64Array): number {
  const sorted = points.toSorted((a, b) => a - b)
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
