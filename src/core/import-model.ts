import { access } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'

import { RunError, UsageError } from '../errors.ts'
import type { ExportCheck } from '../exchange/compare.ts'
import { importedConfig, writtenModel } from '../exchange/imported-config.ts'
import { keras } from '../exchange/keras/index.ts'
import { readKeras, weightsIn } from '../exchange/keras/read.ts'
import type { ReadModel } from '../exchange/keras/read-model.ts'
import type { NamedArray } from '../exchange/python.ts'
import { taskOf } from '../experiment/task.ts'
import { sizeOf } from '../ir/ir.ts'
import { buildGraph } from '../model/build.ts'
import type { Graph } from '../model/graph.ts'
import { vocabulariesOf } from '../model/vocabularies.ts'
import { randomUniform, stream } from '../random.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import { saveModel } from '../run/model-files.ts'
import { PREPROCESSING_VERSION } from '../runtime/preprocessing.ts'
import type { Preprocessing } from '../runtime/preprocessing.ts'
import { specSchema } from '../spec/schema/spec.ts'
import type { Spec } from '../spec/schema/spec.ts'
import { comparePredictions } from './check-export.ts'
import type { CheckOptions } from './check-export.ts'
import { environmentOf } from './environment.ts'
import type { EnvironmentOptions } from './environment.ts'

export type ImportOptions = EnvironmentOptions &
  CheckOptions & {
    /** A .keras file. */
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

/** Rows that are compared. */
const CHECKED_ROWS = 16

/** Writes a config with the network of a model of another program, and beside it a model with its weights. */
export async function importModel(options: ImportOptions): Promise<ImportedModel> {
  const environment = environmentOf(options)
  const { cwd } = environment
  const path = resolve(cwd, options.file)
  const name = basename(path, extname(path))
  const config = resolve(cwd, options.output ?? `${name}.yaml`)
  const model = join(dirname(config), `${basename(config, extname(config))}-model`)
  if (!options.force) for (const place of [config, model]) await requireAbsent(place, cwd)
  const refused: string[] = []
  const file = await readKeras(path, options.file, (what) => void refused.push(what))
  if (refused.length > 0)
    throw new RunError(`${options.file} holds what nnlab does not have:`, { details: [...new Set(refused)] })
  const { graph, spec } = experimentOf(options.file, file.model)
  const order = file.model.layers.map((layer) => layer.name)
  const weights = weightsIn(options.file, file, graph, order)
  const task = taskOf({ graph, spec })
  await saveModel(model, { spec, graph, weights, preprocessing: preprocessingOf(graph) })
  await writeFileAtomic(config, importedConfig(file.model, basename(path), basename(model)))
  const network = { task, spec, weights }
  const check = await comparePredictions(keras.check, path, network, randomRows(graph), options, environment)
  return { config, model, layers: graph.nodes.length, check }
}

async function requireAbsent(path: string, cwd: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  if (!exists) return
  throw new UsageError(`${relative(cwd, path)} exists already`, {
    hint: 'name another config with --output, or replace it with --force',
  })
}

/** The network that a file describes; of its data it says nothing. */
function experimentOf(path: string, model: ReadModel): { graph: Graph; spec: Spec } {
  const data = { type: 'jsonl', path: 'rows.jsonl', target: 'target' }
  const compile = model.compile ?? { loss: 'mean_squared_error' }
  const { name, inputs } = model
  const parsed = specSchema().safeParse({
    name,
    data,
    model: { ...writtenModel(model), input: undefined, inputs },
    compile,
  })
  if (!parsed.success) {
    const details = parsed.error.issues.map(({ path: key, message }) => `${key.join('.')}: ${message}`)
    throw new RunError(`${path} holds options that nnlab does not take:`, { details })
  }
  const spec = { ...parsed.data, name }
  const { graph, problems } = buildGraph(spec.model)
  if (graph) return { graph, spec }
  const details = problems.map(({ path: key, message }) => `${key.join('.')}: ${message}`)
  throw new RunError(`${path} holds a network that nnlab does not take:`, { details })
}

/** Rows are arrays under the names of the inputs; predictions are the numbers of the outputs. */
function preprocessingOf({ inputs, outputs, nodes }: Graph): Preprocessing {
  return {
    version: PREPROCESSING_VERSION,
    inputs: inputs.map(({ name, shape }) => ({
      name,
      shape,
      features: [{ kind: 'array', column: name, shape, scalings: [] }],
    })),
    outputs: outputs.map((name) => ({
      kind: 'numbers',
      name,
      shape: nodes.find((node) => node.name === name)?.shape ?? [],
      columns: [name],
      scalings: [],
    })),
    missing: 'error',
  }
}

/** Numbers from 0 to 1 for each input, or from 0 to what an embedding has vectors for. */
function randomRows(graph: Graph): NamedArray[] {
  const vocabularies = vocabulariesOf(graph)
  return graph.inputs.map(({ name, shape: row }) => {
    const shape = [CHECKED_ROWS, ...row]
    const words = vocabularies.get(name)
    const uniform = randomUniform(stream(0, `import/${name}`), 0, sizeOf(shape))
    return {
      name,
      shape,
      data: Float32Array.from(uniform, (x) => (words === undefined ? x : Math.floor(x * words))),
    }
  })
}
