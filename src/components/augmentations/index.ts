import { Family } from '../../registry.ts'
import type { AugmentationComponent } from './augmentation.ts'
import { randomBrightness } from './random_brightness.ts'
import { randomErasing } from './random_erasing.ts'
import { randomFlip } from './random_flip.ts'
import { randomRotation } from './random_rotation.ts'
import { randomTranslation } from './random_translation.ts'
import { randomZoom } from './random_zoom.ts'

const members: readonly AugmentationComponent[] = [
  randomFlip,
  randomTranslation,
  randomRotation,
  randomZoom,
  randomBrightness,
  randomErasing,
]

export const augmentations = new Family({ name: 'augmentations', singular: 'augmentation' }, members)
