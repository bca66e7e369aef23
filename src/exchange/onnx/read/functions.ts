// Functions of one tensor that a graph writes as several operators, each program in its own way: swish as a product with a
// sigmoid, a softmax as five operators, layer normalization as nine. They are known by their numbers: the operators between a
// tensor and a result are computed for some samples, and compared with what nnlab has.
import { activations } from '../../../components/activations/index.ts'
import { linear } from '../../../components/activations/linear.ts'
import { sameShape, sizeOf } from '../../../ir/ir.ts'
import type { Shape } from '../../../ir/ir.ts'
import { randomUniform, stream } from '../../../random.ts'
import type { ComponentConfig } from '../../../registry.ts'
import { evaluate, isEvaluated } from './evaluate.ts'
import { activationLike, applied, isAlike } from './activation-like.ts'
import type { OnnxNode } from './graph.ts'
import { layerOf } from './layer.ts'
import { POINTWISE } from './pointwise.ts'
import { Refusal } from './refusal.ts'
import type { KnownTensor } from './tensor.ts'
import { isKnown, isView } from './translation.ts'
import type { AppliedNode, Translation } from './translation.ts'
import { along, arranged, shapeOf } from './view.ts'
import type { View } from './view.ts'
import { overLastAxis } from './patterns/normalization.ts'

/** Operators that a function consists of at most. */
const MOST_NODES = 40
/** The factor of samples that are far from the others. */
const FAR = 1e4
/** Elements of a tensor that samples of a function along axes have at most. */
const MOST_SAMPLES = 2 ** 18

/** The operators between a tensor and a result that depends on it alone. */
type FunctionRegion = { readonly root: string; readonly nodes: readonly OnnxNode[]; readonly result: string }

/** The result of an operator as a function of a tensor before it, the farthest that there is; undefined where nnlab has none. */
export function knownFunction({ node, translation }: AppliedNode): View | undefined {
  const regions = regionsOf(node, translation).reverse()
  const pointwise = regions.filter((region) => isPointwise(region, translation))
  const others = regions.filter((region) => !pointwise.includes(region))
  // With a bias of zeros, a function of single numbers is one along an axis of what is before the bias, too.
  return (
    firstFound(pointwise, translation, pointwiseFunction) ?? firstFound(others, translation, axisFunction)
  )
}

function firstFound(
  regions: readonly FunctionRegion[],
  translation: Translation,
  find: (region: FunctionRegion, translation: Translation, view: View) => View | undefined,
): View | undefined {
  for (const region of regions) {
    const view = translation.value(region.root)
    const found = isView(view) ? find(region, translation, view) : undefined
    if (found) return found
  }
  return undefined
}

/** The regions that end with a node, the nearest first. */
function regionsOf(end: OnnxNode, translation: Translation): FunctionRegion[] {
  const { nodes, makers } = translation
  const open = (node: OnnxNode): string[] =>
    node.inputs.filter((name) => name !== '' && !isKnown(translation.value(name)))
  const frontier = new Set(open(end))
  const members = [end]
  const regions: FunctionRegion[] = []
  while (members.length <= MOST_NODES) {
    const [root, ...others] = frontier
    if (root !== undefined && others.length === 0)
      regions.push({ root, nodes: members.toReversed(), result: end.outputs[0] ?? '' })
    // What is made last depends on nothing else that is open.
    const latest = [...frontier].reduce((a, b) => ((makers.get(a) ?? -1) < (makers.get(b) ?? -1) ? b : a), '')
    const maker = nodes[makers.get(latest) ?? -1]
    if (maker === undefined || !isEvaluated(maker)) break
    frontier.delete(latest)
    members.push(maker)
    for (const name of open(maker)) frontier.add(name)
  }
  return regions
}

/** True where elements do not depend on each other, nor on where they are. */
function isPointwise({ nodes }: FunctionRegion, translation: Translation): boolean {
  return nodes.every(
    ({ op, inputs }) =>
      POINTWISE.has(op) &&
      inputs.every((name) => {
        const value = translation.value(name)
        return !isKnown(value) || value.data.length === 1
      }),
  )
}

/** The result of a region for a tensor; undefined where it does not take such a one. */
function valuesOf(
  { root, nodes, result }: FunctionRegion,
  translation: Translation,
  sample: KnownTensor,
): KnownTensor | undefined {
  const made = new Map<string, KnownTensor>([[root, { ...sample, isWhole: translation.isWhole(root) }]])
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => {
      const known = made.get(name) ?? (name === '' ? undefined : translation.value(name))
      return known && isKnown(known) ? known : undefined
    })
    try {
      evaluate(node, inputs)?.forEach((tensor, i) => made.set(node.outputs[i] ?? '', tensor))
    } catch (error) {
      if (error instanceof Refusal) return undefined
      throw error
    }
  }
  return made.get(result)
}

function pointwiseFunction(region: FunctionRegion, translation: Translation, view: View): View | undefined {
  const config = activationLike(
    (points) => {
      const values = valuesOf(region, translation, { shape: [points.length], data: points })
      return Float64Array.from(values?.data ?? [])
    },
    constantsIn(region, translation),
  )
  if (config === undefined || config.type === linear.type) return config && view
  return { ...view, layer: layerOf('activation', [view.layer], { options: { activation: written(config) } }) }
}

/** The known numbers that operators take. */
function constantsIn({ nodes }: FunctionRegion, translation: Translation): number[] {
  return nodes.flatMap((node) => {
    const bounds = [
      node.float('min', 0),
      node.float('max', 0),
      node.float('alpha', 0),
      node.float('lambd', 0),
    ]
    const inputs = node.inputs.map((name) => translation.value(name)).filter(isKnown)
    return [...bounds, ...inputs.flatMap(({ data }) => [...data])].filter((x) => Math.abs(x) < 1e6)
  })
}

/** An activation in few words. */
function written({ type, ...options }: ComponentConfig): string | ComponentConfig {
  const defaults = activations.ref().safeParse({ type })
  const own = Object.entries(options).filter(
    ([key, value]) => !defaults.success || defaults.data[key] !== value,
  )
  return own.length === 0 ? type : { type, ...Object.fromEntries(own) }
}

/** A function of the elements of a tensor; undefined where it takes no such ones. */
type AxisFunction = (data: Float64Array) => Float64Array | undefined

/** A function along an axis, or one whose numbers differ from place to place. */
function axisFunction(region: FunctionRegion, translation: Translation, view: View): View | undefined {
  const shape = shapeOf(view)
  if (sizeOf(shape) > MOST_SAMPLES || shape.length < 2) return undefined
  const f: AxisFunction = (data) => {
    const values = valuesOf(region, translation, { shape, data })
    const isPlaced = values && sameShape(values.shape.slice(0, -1), shape.slice(0, -1))
    return isPlaced ? Float64Array.from(values.data) : undefined
  }
  const sample = sampleOf(shape)
  const wanted = f(sample)
  if (wanted === undefined) return undefined
  // A bias of zeros belongs to the layer before it.
  if (isSame(f, (x) => x, sample)) return region.nodes.length > 1 ? view : undefined
  return (
    alongLastAxis(f, sample, view) ??
    (wanted.length === sample.length
      ? (normalization(f, sample, view) ?? slopes(f, sample, view))
      : undefined)
  )
}

/** True where two functions yield the same for a sample, and far from it, where one may have bounds. */
function isSame(f: AxisFunction, other: (x: Float64Array) => Float64Array, sample: Float64Array): boolean {
  return [1, FAR].every((scale) => {
    const x = sample.map((value) => scale * value)
    return isAlike(f(x) ?? [], other(x))
  })
}

function sampleOf(shape: Shape): Float64Array {
  return Float64Array.from(randomUniform(stream(0, 'function'), 0, sizeOf(shape)), (x) => 4 * x - 2.1)
}

/** An activation along the last axis. */
function alongLastAxis(f: AxisFunction, sample: Float64Array, view: View): View | undefined {
  const shape = shapeOf(view)
  const last = view.axes.length - 1
  const found = activations.members
    .filter((member) => 'axis' in member.options())
    .map(({ type }) => type)
    .filter((type) => type !== 'glu' || (shape[last] ?? 1) % 2 === 0)
    .find((type) => isSame(f, (x) => applied({ type, axis: -1 }, x, shape), sample))
  if (found === undefined) return undefined
  const made = along(view, [view.axes[last] ?? []], (input) =>
    layerOf('activation', [input], { options: { activation: found } }),
  )
  return made.view([...view.axes.slice(0, last).map(made.kept), ...made.own])
}

/** Layer normalization: gamma * (x - mean) / sqrt(variance + epsilon) + beta, or gamma * x / sqrt(variance + epsilon). */
function normalization(f: AxisFunction, sample: Float64Array, view: View): View | undefined {
  const length = shapeOf(view).at(-1) ?? 1
  const row = sample.slice(0, length)
  const mean = row.reduce((sum, x) => sum + x, 0) / length
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / length
  if (length < 2 || variance === 0) return undefined
  const filled = (scale: number): Float64Array =>
    sample.map((_, i) => scale * ((row[i % length] ?? 0) - mean))
  // So far apart that epsilon makes no difference, and so near that it does.
  const [far, farther, opposite, near] = [1e8, 1e9, -1e8, 0.03].map((scale) => f(filled(scale)))
  if (!far || !farther || !opposite || !near || !isAlike(far, farther)) return undefined
  const beta = Float64Array.from({ length }, (_, i) => ((far[i] ?? NaN) + (opposite[i] ?? NaN)) / 2)
  const normalized = (i: number): number => ((row[i] ?? NaN) - mean) / Math.sqrt(variance)
  const gamma = beta.map((_, i) => ((far[i] ?? NaN) - (opposite[i] ?? NaN)) / 2 / normalized(i))
  const steepest = gamma.reduce((best, x, i) => (Math.abs(x) > Math.abs(gamma[best] ?? 0) ? i : best), 0)
  const shrunk = ((near[steepest] ?? NaN) - (beta[steepest] ?? NaN)) / (gamma[steepest] ?? NaN)
  const epsilon = (0.03 * ((row[steepest] ?? NaN) - mean)) ** 2 / shrunk ** 2 - 0.03 ** 2 * variance
  if (!(epsilon >= 0)) return undefined
  const wanted = f(sample) ?? []
  const expected = (isCentered: boolean): Float64Array =>
    sample.map((x, i) => {
      const own = sample.subarray(i - (i % length), i - (i % length) + length)
      const center = own.reduce((sum, one) => sum + one, 0) / length
      const spread = own.reduce((sum, one) => sum + (one - center) ** 2, 0) / length
      const unit = (isCentered ? x - center : x) / Math.sqrt(spread + epsilon)
      return unit * (gamma[i % length] ?? NaN) + (isCentered ? (beta[i % length] ?? NaN) : 0)
    })
  if (isAlike(wanted, expected(true))) return overLastAxis(view, epsilon, { gamma, beta })
  return isAlike(wanted, expected(false))
    ? overLastAxis(view, epsilon, { gamma }, { rms_scaling: true })
    : undefined
}

/** A slope of its own for each element below 0. */
function slopes(f: AxisFunction, sample: Float64Array, view: View): View | undefined {
  const below = f(sample.map(() => -1))
  const alpha = below?.map((x) => -x)
  const expected = (given: Float64Array): Float64Array =>
    given.map((x, i) => (x < 0 ? x * (alpha?.[i] ?? NaN) : x))
  if (alpha === undefined || !isSame(f, expected, sample)) return undefined
  const input = arranged(view, view.axes)
  const [batch = 1] = view.lengths
  const weights = { alpha: Float32Array.from(alpha.subarray(0, sizeOf(input.shape))) }
  return {
    layer: layerOf('prelu', [input], { weights }),
    lengths: [batch, ...input.shape],
    axes: view.axes.map((_, axis) => [axis]),
  }
}
