// A LayersModel of TensorFlow.js: model.json with the layers, and files with the weights one after the other.
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import * as z from 'zod'

import { RunError } from '../../errors.ts'
import { halfPrecision } from '../../half-precision.ts'
import { sizeOf } from '../../ir/ir.ts'
import { readJson } from '../../json.ts'
import type { ForeignModel } from '../foreign-model.ts'
import type { Refuse } from '../format.ts'
import type { Hdf5Numbers } from '../keras/hdf5-reader.ts'
import { readModel } from '../keras/read-model.ts'
import type { StoredName } from '../keras/read-network.ts'
import { mapOf } from '../keras/read-objects.ts'
import { assign, requireFitting, storedParameters } from '../keras/stored-order.ts'
import { readRegularFile } from '../../regular-file.ts'

/** Limit for reading into memory: more than any model.json has. */
const MOST_JSON_BYTES = 2 ** 28

const ManifestEntry = z.object({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(['float32', 'int32', 'uint8', 'bool']),
  quantization: z
    .object({
      dtype: z.enum(['uint8', 'uint16', 'float16']),
      scale: z.number().default(1),
      min: z.number().default(0),
    })
    .optional(),
})
type ManifestEntry = z.output<typeof ManifestEntry>

const ModelJson = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z
    .array(z.object({ paths: z.array(z.string()), weights: z.array(ManifestEntry) }))
    .default([]),
})

type NamedNumbers = Hdf5Numbers & { readonly name: string }

/** Reads a model from its folder or its model.json and executes nothing in it; messages call it by its name. */
export async function readTfjs(path: string, name: string, refuse: Refuse): Promise<ForeignModel> {
  const file = (await stat(path)).isDirectory() ? join(path, 'model.json') : path
  const parsed = ModelJson.safeParse(await jsonIn(file, name))
  if (!parsed.success) {
    throw new RunError(`${name} is not a LayersModel of TensorFlow.js`, {
      details: parsed.error.issues.map(({ path: key, message }) => `${key.join('.')}: ${message}`),
    })
  }
  const { modelTopology: topology, weightsManifest } = parsed.data
  if ('node' in topology) {
    throw new RunError(`${name} is a GraphModel of TensorFlow.js, which has operations in place of layers`, {
      hint: 'import the file of Keras that it was converted from',
    })
  }
  const object = mapOf(topology['model_config'] ?? topology)
  const { optimizer_config: optimizer, ...compiled } = mapOf(topology['training_config'])
  const training = optimizer === undefined ? undefined : { optimizer, ...compiled }
  const model = readModel(name, object, training, refuse)
  const numbers: NamedNumbers[] = []
  for (const { paths, weights } of weightsManifest)
    numbers.push(...numbersIn(await shards(dirname(file), paths, name), weights, name))
  return {
    model,
    weights({ nodes }) {
      const weights = new Map<string, Float32Array>()
      const wrong: string[] = []
      const byName = new Map(nodes.map((node) => [node.name, node]))
      const unused = new Set(numbers)
      // Names inside models come first: another layer may have the same name.
      for (const { layer, prefix, keys } of leavesOf(model.network.stored).sort(
        (a, b) => b.keys.length - a.keys.length,
      )) {
        const parameters = storedParameters(layer, byName, prefix)
        const arrays = parameters.length === 0 ? [] : arraysOf(keys, unused, parameters.length)
        for (const one of arrays) unused.delete(one)
        const found = arrays.map((one) => ({ place: one.name, found: one }))
        assign(parameters, found, weights, wrong)
      }
      requireFitting(name, wrong)
      return weights
    },
  }
}

async function jsonIn(file: string, name: string): Promise<unknown> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new RunError(`${name} has no model.json`, {
      cause,
      hint: 'name a folder of TensorFlow.js, or a .keras, .h5 or .onnx file; a run of nnlab needs no import',
    })
  })
  if (size > MOST_JSON_BYTES) throw new RunError(`${name} is too large for a model.json: ${size} bytes`)
  return readJson((await readRegularFile(file)).toString('utf8'), name)
}

/** The files of weights, which lie beside the model.json. */
async function shards(folder: string, paths: readonly string[], name: string): Promise<Buffer> {
  const parts = paths.map(async (path) => {
    if (basename(path) !== path) throw new RunError(`${name}: its weights are not beside it, but in ${path}`)
    return readRegularFile(join(folder, path)).catch((cause: unknown) => {
      throw new RunError(`${name}: its weights ${path} cannot be read`, { cause })
    })
  })
  return Buffer.concat(await Promise.all(parts))
}

function numbersIn(bytes: Buffer, entries: readonly ManifestEntry[], name: string): NamedNumbers[] {
  let at = 0
  return entries.map(({ name: own, shape, dtype, quantization }) => {
    const { bytes: itemBytes, read } = readers[quantization?.dtype ?? dtype]
    const count = sizeOf(shape)
    if (!(at + count * itemBytes <= bytes.length))
      throw new RunError(`${name}: its weights end before ${own}`, { hint: 'a file of weights was cut off' })
    const start = at
    at += count * itemBytes
    const { scale = 1, min = 0 } = quantization ?? {}
    const data = Float32Array.from(
      { length: count },
      (_, i) => read(bytes, start + i * itemBytes) * scale + min,
    )
    return { name: own, shape, data }
  })
}

type StoredType = ManifestEntry['dtype'] | NonNullable<ManifestEntry['quantization']>['dtype']

const readers: Readonly<Record<StoredType, { bytes: number; read: (bytes: Buffer, at: number) => number }>> =
  {
    float32: { bytes: 4, read: (bytes, at) => bytes.readFloatLE(at) },
    int32: { bytes: 4, read: (bytes, at) => bytes.readInt32LE(at) },
    uint8: { bytes: 1, read: (bytes, at) => bytes.readUInt8(at) },
    bool: { bytes: 1, read: (bytes, at) => bytes.readUInt8(at) },
    uint16: { bytes: 2, read: (bytes, at) => bytes.readUInt16LE(at) },
    float16: { bytes: 2, read: (bytes, at) => halfPrecision(bytes.readUInt16LE(at)) },
  }

/** Layers that are no models, with the names of the models that they are inside, in the graph and in the file. */
function leavesOf(
  stored: readonly StoredName[],
  prefix = '',
  keys: readonly string[] = [],
): { readonly layer: StoredName; readonly prefix: string; readonly keys: readonly string[] }[] {
  return stored.flatMap((layer) =>
    layer.layers
      ? leavesOf(layer.layers, `${prefix}${layer.name}/`, [...keys, layer.key])
      : [{ layer, prefix, keys: [...keys, layer.key] }],
  )
}

/** The arrays whose names say that they belong to a layer: with the models around it, else by its own name alone. */
function arraysOf(keys: readonly string[], unused: ReadonlySet<NamedNumbers>, count: number): NamedNumbers[] {
  for (let from = 0; from < keys.length; from++) {
    const path = `${keys.slice(from).join('/')}/`
    const found = [...unused].filter(({ name }) => name.startsWith(path) || name.includes(`/${path}`))
    if (found.length === count) return found
  }
  return []
}
