import { augmentations } from '../components/augmentations/index.ts'
import { BYTES } from '../components/augmentations/value_range.ts'
import { sourceOf } from '../components/sources/index.ts'
import type { Scale } from '../components/sources/options/features.ts'
import type { Shape } from '../ir/ir.ts'
import type { ComponentConfig } from '../registry.ts'
import type { DataSpec } from '../spec/schema/data.ts'

/** An input of the model, of a shape that may not be known. */
export type Port = { readonly name: string; readonly shape: Shape | undefined }

/** The augmentations of a config; those that need the range of the pixels are told it. */
export function augmentationsOf(data: DataSpec, inputs: readonly Port[]): ComponentConfig[] {
  const range = pixelRange(data, inputs)
  return (data.augment ?? []).map((config) =>
    lacksRange(config) ? { ...config, value_range: range } : config,
  )
}

/** Tells that an augmentation needs the range of the pixels and the config does not give it. */
export function lacksRange(config: ComponentConfig): boolean {
  return 'value_range' in augmentations.of(config).options() && config['value_range'] === undefined
}

/** Tells that an input of this shape, without the batch axis, is an image. */
export function isImage(shape: Port['shape']): boolean {
  return shape?.length === 3
}

/** The least and the greatest pixel as the model takes it; undefined where the scale does not tell, or each input has another. */
export function pixelRange(data: DataSpec, inputs: readonly Port[]): readonly [number, number] | undefined {
  const [first, ...others] = inputs
    .filter(({ shape }) => isImage(shape))
    .map(({ name }) => scaledRange(scaleOf(data, name)))
  return others.every((range) => range?.[1] === first?.[1]) ? first : undefined
}

function scaleOf(data: DataSpec, input: string): Scale {
  const { inputs } = sourceOf(data).selection(data)
  return inputs.find(({ name }) => name === input)?.encoding.scale ?? data.features.scale
}

function scaledRange(scale: Scale): readonly [number, number] | undefined {
  if (scale === 'none') return BYTES
  // The divisor is the greatest value of a pixel.
  return scale === 'min_max' || (typeof scale === 'object' && 'divide' in scale) ? [0, 1] : undefined
}
