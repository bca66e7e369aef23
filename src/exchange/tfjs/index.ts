import { modelFiles } from '../../run/model-files.ts'
import type { ExchangeFormat } from '../format.ts'

/** The LayersModel of TensorFlow.js that every run has in its model folder. */
export const tfjs: ExchangeFormat = {
  type: 'tfjs',
  summary: 'a folder with model.json and weights.bin, a LayersModel of TensorFlow.js',
  write(model, refuse) {
    const { files, unsupported } = modelFiles(model)
    for (const feature of unsupported) refuse(feature)
    return { folder: files }
  },
}
