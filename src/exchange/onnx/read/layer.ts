import { layers } from '../../../components/layers/index.ts'
import { ShapeError } from '../../../components/shape-error.ts'
import { sizeOf } from '../../../ir/ir.ts'
import type { Shape } from '../../../ir/ir.ts'
import { Refusal } from './refusal.ts'

/** A layer that a graph becomes, before it has a name; or an input. */
export type Layer = {
  readonly type: string
  readonly options: Readonly<Record<string, unknown>>
  readonly from: readonly Layer[]
  /** The shape of a row. */
  readonly shape: Shape
  /** By the names of its parameters. */
  readonly weights: Readonly<Record<string, Float32Array>>
  /** A name that the file has for it. */
  readonly label: string | undefined
  /** The numbers by which the elements of another layer are scaled and shifted; it may be the bias of that. */
  readonly affine?: Affine
}

/** scale * x + offset: the same for all elements, or for each along an axis of rows (1 is the first) its own. */
export type Affine = {
  readonly axis: number | undefined
  readonly scale: Float64Array
  readonly offset: Float64Array
}

export type LayerParts = Partial<Pick<Layer, 'options' | 'weights' | 'label'>>

/** A layer of nnlab; refused where it does not take such inputs or weights. */
export function layerOf(
  type: string,
  from: readonly Layer[],
  { options = {}, weights = {}, label }: LayerParts = {},
): Layer {
  const parsed = layers.ref().safeParse({ type, ...options })
  if (!parsed.success)
    throw new Refusal(`${type}: ${parsed.error.issues.map(({ message }) => message).join(', ')}`)
  const component = layers.of(parsed.data)
  const shapes = from.map(({ shape }) => shape)
  try {
    for (const { name, shape } of component.parameters(parsed.data, shapes))
      if (weights[name]?.length !== sizeOf(shape))
        throw new Refusal(`${weights[name]?.length ?? 'no'} numbers for ${name} [${shape.join(', ')}]`)
    const shape = component.outputShape(parsed.data, shapes)
    return { type, options, from, shape, weights, label }
  } catch (error) {
    if (error instanceof ShapeError) throw new Refusal(error.message)
    throw error
  }
}

export function inputLayer(name: string, shape: Shape): Layer {
  return { type: 'input', options: {}, from: [], shape, weights: {}, label: name }
}

export function affineLayer(source: Layer, affine: Affine): Layer {
  return {
    type: 'affine',
    options: {},
    from: [source],
    shape: source.shape,
    weights: {},
    label: undefined,
    affine,
  }
}
