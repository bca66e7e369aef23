// ONNX models of the layers that nnlab has: the operators of a graph as layers, and their constants as weights.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, normalize, sep } from 'node:path'

import { DataError, RunError } from '../../../errors.ts'
import type { Shape } from '../../../ir/ir.ts'
import type { ForeignModel, ReadLayer } from '../../foreign-model.ts'
import type { Refuse } from '../../format.ts'
import { UniqueNames, validModelName, validName } from '../../layer-names.ts'
import { checkOf } from './check.ts'
import { readGraph } from './graph.ts'
import type { OnnxGraph } from './graph.ts'
import { inputsOf } from './inputs.ts'
import type { ReadInput } from './inputs.ts'
import { layerOf } from './layer.ts'
import type { Layer } from './layer.ts'
import { outputsOf } from './outputs.ts'
import type { ReadOutput } from './outputs.ts'
import { patternOf } from './patterns/index.ts'
import { REVERSED } from './patterns/recurrent.ts'
import { inOrder, simplified } from './simplify.ts'
import type { ReadExternal } from './tensor.ts'
import { Translation } from './translation.ts'
import { requireNoPipeSync } from '../../../regular-file.ts'

/** Reads a model and executes nothing in it; messages call the file by its name. */
export async function readOnnx(path: string, name: string, refuse: Refuse): Promise<ForeignModel> {
  const bytes = await readFile(path)
  try {
    const graph = readGraph(bytes, externalBeside(path))
    return modelOf(graph, validModelName(basename(path, extname(path))), refuse)
  } catch (cause) {
    if (!(cause instanceof DataError || cause instanceof RunError)) throw cause
    throw new RunError(`${name} is not an ONNX model that nnlab reads: ${cause.message}`, { cause })
  }
}

function modelOf(graph: OnnxGraph, name: string, refuse: Refuse): ForeignModel {
  const { inputs, batch, isFixed } = inputsOf(graph, refuse)
  const views = new Map(inputs.map(({ value, view }) => [value.name, view]))
  const translation = new Translation(graph, views, batch)
  translation.run(({ op }) => patternOf(op))
  const isTurned = inputs.some((input) => input.isTurned)
  const { outputs, left } = outputsOf(graph, translation, isTurned, refuse)
  const ends = distinct(simplified(outputs.map(({ layer }) => layer)))
  const order = inOrder([...inputs.map(({ view }) => view.layer), ...ends])
  if (order.some(({ type }) => type === REVERSED))
    refuse('the steps of a sequence from the last to the first')
  const outputNames = new Map(ends.map((layer, i) => [layer, outputs[i]?.value.name ?? '']))
  const names = namesOf(order, outputNames)
  const nameOf = (layer: Layer): string => names.get(layer) ?? layer.type
  const layers = order.filter(({ type }) => type !== 'input')
  return {
    model: {
      name,
      inputs: Object.fromEntries(inputs.map(({ view: { layer } }) => [nameOf(layer), layer.shape])),
      network: {
        inputs: inputs.map(({ view }) => ({ name: nameOf(view.layer) })),
        layers: layers.map((layer) => writtenLayer(layer, nameOf)),
        outputs: ends.map(nameOf),
      },
      compile: undefined,
      notes: notesOf(inputs, outputs, left),
    },
    weights: () => weightsOf(layers, nameOf),
    check: checkOf(
      inputs.map(({ value, view, order: axes }) => ({
        file: value.name,
        own: nameOf(view.layer),
        order: axes,
      })),
      ends.map((layer, i) => ({
        file: outputNames.get(layer) ?? '',
        own: nameOf(layer),
        order: outputs[i]?.order ?? [],
      })),
      isFixed ? batch : undefined,
    ),
  }
}

/** Reads parts of the files in the folder of a model, or in folders in that. */
function externalBeside(path: string): ReadExternal {
  return (location, offset, length) => {
    const place = normalize(location)
    if (isAbsolute(place) || place.split(sep)[0] === '..')
      throw new RunError(`its weights are not beside it, but in ${location}`)
    const file = openFileBeside(join(dirname(path), place), location)
    try {
      const stat = fstatSync(file)
      if (!stat.isFile()) throw new RunError(`its weights ${location} are not a file`)
      const { size } = stat
      if (!(Number.isInteger(offset) && offset >= 0 && offset + length <= size))
        throw new RunError(`its weights end before ${offset + length} bytes of ${location}`)
      const bytes = new Uint8Array(length)
      readSync(file, bytes, 0, length, offset)
      return bytes
    } finally {
      closeSync(file)
    }
  }
}

function openFileBeside(path: string, location: string): number {
  try {
    requireNoPipeSync(path)
    return openSync(path, 'r')
  } catch (cause) {
    throw new RunError(`its weights ${location} cannot be read`, { cause })
  }
}

/** Outputs that differ from each other and from inputs, which a config asks for. */
function distinct(ends: readonly Layer[]): Layer[] {
  return ends.map((layer, i) =>
    layer.type === 'input' || ends.indexOf(layer) < i ? layerOf('activation', [layer]) : layer,
  )
}

/** Names of the inputs, of outputs as the file has them, of layers as their weights have, and by the types of all others. */
function namesOf(layers: readonly Layer[], outputs: ReadonlyMap<Layer, string>): ReadonlyMap<Layer, string> {
  const unique = new UniqueNames()
  const names = new Map<Layer, string>()
  const give = (layer: Layer, wanted: string): void => {
    if (!names.has(layer)) names.set(layer, unique.give(validName(wanted)))
  }
  for (const layer of layers) if (layer.type === 'input') give(layer, layer.label ?? layer.type)
  for (const [layer, name] of outputs) if (/^[A-Za-z]/.test(name)) give(layer, name)
  for (const layer of layers) give(layer, layer.label ?? layer.type)
  return names
}

function writtenLayer(layer: Layer, nameOf: (layer: Layer) => string): ReadLayer {
  const { type, options } = layer
  return { type, ...options, name: nameOf(layer), from: layer.from.map(nameOf) }
}

function weightsOf(layers: readonly Layer[], nameOf: (layer: Layer) => string): Map<string, Float32Array> {
  return new Map(
    layers.flatMap((layer) =>
      Object.entries(layer.weights).map(([name, data]) => [`${nameOf(layer)}/${name}`, data] as const),
    ),
  )
}

function notesOf(
  inputs: readonly ReadInput[],
  outputs: readonly ReadOutput[],
  left: readonly string[],
): string[] {
  const turned = (what: string, shape: Shape): string =>
    `${what} are [${shape.join(', ')}]: channels, which the file has first, come last.`
  const isTurned = ([batch, ...order]: readonly number[]): boolean =>
    batch === 0 && order.some((axis, i) => axis !== i + 1)
  return [
    ...inputs
      .filter((input) => input.isTurned)
      .map(({ value, view }) => turned(`Rows of ${value.name}`, view.layer.shape)),
    ...outputs
      .filter(({ order }) => isTurned(order))
      .map(({ value, layer }) => turned(`Predictions of ${value.name}`, layer.shape)),
    ...(left.length > 0 ? [`Left out, as they are not numbers of the network: ${left.join(', ')}.`] : []),
  ]
}
