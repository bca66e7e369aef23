import type { Dataset } from './dataset.ts'

/** E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", 1998; from the UCI repository, CC BY 4.0. */
export const digits: Dataset = {
  name: 'digits',
  summary: '1,797 handwritten digits of 8x8 pixels from 0 to 16',
  shape: [64],
  format: 'csv',
  target: 'digit',
}
