import { MAX_PIXELS } from '../../components/augmentations/warp.ts'
import { errorAt, errorAtKey, warningAtKey } from '../../diagnostic.ts'
import type { Problem } from '../../diagnostic.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import { isImage, lacksRange, pixelRange } from '../augment.ts'
import type { Port } from '../augment.ts'
import type { OutputTarget } from './targets.ts'

/** Augmentation changes images whose pixels have a range, and leaves the targets as they are. */
export function augmentProblems(
  inputs: readonly Port[] | undefined,
  targets: readonly OutputTarget[],
  data: DataSpec | undefined,
): Problem[] {
  if (!data?.augment || data.augment.length === 0 || !inputs?.every(({ shape }) => shape)) return []
  const path = ['data', 'augment']
  if (!inputs.some(({ shape }) => isImage(shape))) {
    const shapes = inputs.map(({ name, shape }) => `"${name}" takes [${shape?.join(', ')}]`).join(' and ')
    const message = `augment changes images, but the model's input ${shapes}`
    const hint = 'write model.input as [height, width, channels], or remove augment'
    return [errorAtKey('augment', path, message, hint)]
  }
  const large = inputs.find(({ shape }) => isImage(shape) && pixelsOf(shape) > MAX_PIXELS)
  if (large) {
    const message = `the images of the input "${large.name}" have ${pixelsOf(large.shape)} pixels; augment changes at most ${MAX_PIXELS}`
    const hint = 'take smaller images, or remove augment'
    return [errorAtKey('augment', path, message, hint)]
  }
  const range = pixelRange(data, inputs)
  const rangeless = data.augment.flatMap((config, i): Problem[] => {
    if (range !== undefined || !lacksRange(config)) return []
    const message = `${config.type} needs value_range: the range of pixels does not follow from data.features.scale`
    const hint = 'give the smallest and the largest value after scaling, as in value_range: [-1, 1]'
    return [errorAt('augment', [...path, i], message, hint)]
  })
  const moved = targets.flatMap(({ output, shape }): Problem[] => {
    if (!isImage(shape)) return []
    const message = `the target of "${output}" has the shape of an image too, but augment changes the input only`
    const hint = 'leave out augmentations that move pixels if the target shows the same places'
    return [warningAtKey('augment-target', path, message, hint)]
  })
  return [...rangeless, ...moved]
}

function pixelsOf([height = 0, width = 0]: Port['shape'] = []): number {
  return height * width
}
