// The HDF5 files of Keras 2, which later versions write, too. Keras symbol: keras.src.legacy.saving.legacy_h5_format.
import { readFile } from 'node:fs/promises'

import { RunError } from '../../errors.ts'
import { readJson } from '../../json.ts'
import type { ForeignModel } from '../foreign-model.ts'
import type { Refuse } from '../format.ts'
import { importCheck } from './check.ts'
import { readHdf5 } from './hdf5-reader.ts'
import type { Hdf5Contents } from './hdf5-reader.ts'
import { readModel } from './read-model.ts'
import { mapOf } from './read-objects.ts'
import type { Json } from './read-objects.ts'
import { assign, requireFitting, storedParameters } from './stored-order.ts'
import type { StoredArray } from './stored-order.ts'

const WEIGHTS = 'model_weights/'

/** Reads a model with its weights and executes nothing in it; messages call the file by its name. */
export async function readH5(path: string, name: string, refuse: Refuse): Promise<ForeignModel> {
  const contents = readHdf5(await readFile(path), name)
  const texts = contents.texts.get('')
  const config = texts?.get('model_config')?.[0]
  if (config === undefined) {
    throw new RunError(`${name} holds weights without a model`, {
      hint: 'save the whole model, as with model.save("model.keras")',
    })
  }
  const jsonOf = (text: string): Json => mapOf(readJson(text, `${name}: its config`))
  const { optimizer_config: optimizer, ...compiled } = jsonOf(texts?.get('training_config')?.[0] ?? 'null')
  const training = optimizer === undefined ? undefined : { optimizer, ...compiled }
  const model = readModel(name, jsonOf(config), training, refuse)
  return {
    model,
    weights({ nodes }) {
      const byName = new Map(nodes.map((node) => [node.name, node]))
      const weights = new Map<string, Float32Array>()
      const wrong: string[] = []
      for (const layer of model.network.stored)
        assign(storedParameters(layer, byName), arraysOf(contents, layer.key), weights, wrong)
      requireFitting(name, wrong)
      return weights
    },
    check: importCheck,
  }
}

/** The arrays of a layer in the order in which it lists them; long lists are in several attributes. */
function arraysOf({ arrays, texts }: Hdf5Contents, layer: string): StoredArray[] {
  const group = `${WEIGHTS}${layer}/`
  const listed = texts.get(group)
  const names = [...(listed?.get('weight_names') ?? [])]
  for (let i = 0; listed?.has(`weight_names${i}`); i++) names.push(...(listed.get(`weight_names${i}`) ?? []))
  return names.map((one) => ({ place: `${group}${one}`, found: arrays.get(`${group}${one}`) }))
}
