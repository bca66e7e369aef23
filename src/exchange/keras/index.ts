import { exportCheck } from './check.ts'
import { hdf5File } from './hdf5.ts'
import type { Hdf5Group } from './hdf5.ts'
import { pythonJson } from './json.ts'
import type { PythonDict } from './json.ts'
import { kerasModel } from './model.ts'
import { kerasOrder } from './order.ts'
import { lackingRaw, rawModel } from './raw.ts'
import { withKnownSchedule } from './schedule.ts'
import { kerasVariables, storedLayers } from './variables.ts'
import { zipFile } from './zip.ts'
import type { ExchangeFormat, ModelToExport, Refuse, Written } from '../format.ts'

/** The version of Keras whose files these are like. */
const KERAS_VERSION = '3.15.1'

/** The same bytes whenever a model is exported. */
const DATE = '1980-01-01@00:00:00'

/** The file format of Keras 3. Keras symbol: keras.saving.save_model. */
export const keras = {
  type: 'keras',
  summary: 'a .keras file of Keras 3: loads compiled, predicts and goes on training',
  ending: '.keras',
  keepsOptimizer: true,
  write: kerasFile,
  writeRaw: (model, refuse) => ({ file: rawFile(model, refuse) }),
  check: exportCheck,
} satisfies ExchangeFormat

function kerasFile(given: ModelToExport, refuse: Refuse): Written {
  const { model, schedule, notes } = withKnownSchedule(given)
  const inOrder = kerasOrder(model.task.graph)
  const config = kerasModel(model.name, model.task, inOrder, refuse)
  const file = archive(config, kerasVariables(model, storedLayers(inOrder)), schedule)
  return { file, notes }
}

/** A model of raw columns, which is not compiled. */
function rawFile(model: ModelToExport, refuse: Refuse): Uint8Array[] {
  const lacking = lackingRaw(model.preprocessing)
  for (const what of lacking) refuse(what)
  if (lacking.length > 0) return []
  const { config, variables } = rawModel(model, refuse)
  return archive(config, variables)
}

function archive(config: PythonDict, variables: Hdf5Group, own: PythonDict = {}): Uint8Array[] {
  const metadata = { keras_version: KERAS_VERSION, date_saved: DATE, ...own }
  return zipFile(
    new Map([
      ['metadata.json', [Buffer.from(pythonJson(metadata))]],
      ['config.json', [Buffer.from(pythonJson(config))]],
      ['model.weights.h5', hdf5File(variables)],
    ]),
  )
}
