import { existsSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'

import { UsageError } from '../errors.ts'
import type { ExportCheck } from '../exchange/compare.ts'
import { importedConfig } from '../exchange/imported-config.ts'
import { readImported } from '../exchange/imported-model.ts'
import { requireUnread } from '../experiment/read-files.ts'
import { taskOf } from '../experiment/task.ts'
import { linkedPlace, requireNoOther, writeFileAtomic } from '../run/atomic.ts'
import { saveModel } from '../run/model-files.ts'
import { byOption, orElsewhere } from '../run/place-error.ts'
import { comparePredictions } from './check-export.ts'
import { randomRows } from './random-rows.ts'
import type { CheckOptions } from './check-export.ts'
import { environmentOf } from './environment.ts'
import type { WriterOptions } from './environment.ts'

export type ImportOptions = WriterOptions &
  CheckOptions & {
    /** A .keras or .h5 file of Keras, an .onnx file, or a folder or a model.json of TensorFlow.js. */
    readonly file: string
    /** The config to write; default: named after the file. */
    readonly output?: string | undefined
    /** Replaces files that exist. */
    readonly force?: boolean | undefined
  }

/** An imported model. */
export type ImportedModel = {
  /** The absolute paths of the config and of the folder with the weights. */
  readonly config: string
  readonly model: string
  readonly layers: number
  readonly check: ExportCheck
}

/** Writes a config with the network of a model of another program, and beside it a model with its weights. */
export async function importModel(options: ImportOptions): Promise<ImportedModel> {
  const environment = environmentOf(options)
  const { cwd } = environment
  const path = resolve(cwd, options.file)
  const name = basename(path, extname(path))
  const config = resolve(cwd, options.output ?? `${name}.yaml`)
  const model = join(dirname(config), `${basename(config, extname(config))}-model`)
  const { model: read, check: program, saved } = await readImported(path, options.file)
  const there = [config, model].find((place) => !options.force && existsSync(place))
  if (there !== undefined) {
    throw new UsageError(`${relative(cwd, there)} exists already`, {
      hint: (option) => `name another config with ${option('output')}, or replace it with ${option('force')}`,
    })
  }
  await orElsewhere(byOption('output'), () =>
    requireUnread(config, { files: [path] }, { cwd, option: 'output' }),
  )
  const { graph, spec, weights } = saved
  const task = taskOf({ graph, spec })
  await orElsewhere(byOption('output'), async () => {
    const place = await linkedPlace(config)
    await requireNoOther(place)
    await saveModel(model, saved, options.files)
    await writeFileAtomic(place, importedConfig(read, basename(path), basename(model)), options.files)
  })
  const network = { task, spec, weights }
  const comparison = program && { check: program, path, options, environment }
  const check = comparison
    ? (await comparePredictions(comparison, network, randomRows(graph))).compared
    : { absent: `nothing here can run ${basename(path)}` }
  const layers = graph.nodes.filter((node) => node.shares === undefined && node.config.type !== 'model')
  return { config, model, layers: layers.length, check }
}
