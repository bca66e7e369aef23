import { DataError, RunError } from '../../errors.ts'
import { readJson } from '../../json.ts'
import type { Graph, GraphNode } from '../../model/graph.ts'
import { openFile } from '../../table/files/file.ts'
import { zipEntries } from '../../table/formats/zip.ts'
import type { ZipEntry } from '../../table/formats/zip.ts'
import type { ForeignModel } from '../foreign-model.ts'
import type { Refuse } from '../format.ts'
import { importCheck } from './check.ts'
import { readHdf5 } from './hdf5-reader.ts'
import type { Hdf5Numbers } from './hdf5-reader.ts'
import { readModel } from './read-model.ts'
import type { StoredName } from './read-network.ts'
import { mapOf } from './read-objects.ts'
import type { Json } from './read-objects.ts'
import { withOwnSchedule } from './schedule.ts'
import { assign, requireFitting } from './stored-order.ts'
import { layerVariables } from './variables.ts'
import type { StoredLayer } from './variables.ts'

/** Limit for reading into memory: more than any config.json has. */
const MOST_CONFIG_BYTES = 2 ** 28

/** Reads a .keras file and executes nothing in it; messages call it by its name. */
export async function readKeras(path: string, name: string, refuse: Refuse): Promise<ForeignModel> {
  try {
    return await readArchive(path, name, refuse)
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause
    throw new RunError(cause.message, { hint: 'name a .keras file of Keras 3', cause })
  }
}

async function readArchive(path: string, name: string, refuse: Refuse): Promise<ForeignModel> {
  const file = await openFile(path, { directory: '' })
  try {
    const entries = await zipEntries(file, name)
    const member = (wanted: string, most: number): Promise<Buffer> => {
      const entry = entries.find((one) => one.name === wanted)
      if (entry) return bytesOf(entry, most)
      throw new RunError(`${name} has no ${wanted}`, { hint: 'name a .keras file of Keras 3' })
    }
    const jsonOf = async (wanted: string): Promise<Json> =>
      mapOf(readJson((await member(wanted, MOST_CONFIG_BYTES)).toString('utf8'), `${name}: its ${wanted}`))
    const object = await jsonOf('config.json')
    const hasMetadata = entries.some((one) => one.name === 'metadata.json')
    const metadata = hasMetadata ? await jsonOf('metadata.json') : {}
    // Compressed arrays might expand to more than memory holds; Keras writes them as they are.
    const weights = await member('model.weights.h5', file.size)
    const model = readModel(name, object, object['compile_config'], refuse)
    const { arrays } = readHdf5(weights, name)
    return {
      model: { ...model, compile: withOwnSchedule(model.compile, metadata, refuse) },
      weights: (graph) => weightsIn(name, arrays, model.network.stored, graph),
      check: importCheck,
    }
  } finally {
    await file.close()
  }
}

async function bytesOf({ name, bytes }: ZipEntry, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of bytes()) {
    size += part.length
    if (size > most) throw new RunError(`${name} is larger than ${most} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** The weights of a graph, whose layers are stored in the order of the file. */
function weightsIn(
  name: string,
  arrays: ReadonlyMap<string, Hdf5Numbers>,
  stored: readonly StoredName[],
  { nodes }: Graph,
): Map<string, Float32Array> {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const counts = new Map<string, number>()
  const wrong: string[] = []
  const weights = new Map<string, Float32Array>()
  for (const { parameter, folder } of layerVariables(placed(stored, byName, ''))) {
    const count = counts.get(folder) ?? 0
    counts.set(folder, count + 1)
    const place = `${folder}/${count}`
    assign([parameter], [{ place, found: arrays.get(place) }], weights, wrong)
  }
  requireFitting(name, wrong)
  return weights
}

/** The layers of a file with those of the graph. */
function placed(
  stored: readonly StoredName[],
  nodes: ReadonlyMap<string, GraphNode>,
  prefix: string,
): StoredLayer[] {
  return stored.map(({ className, name, layers }) => ({
    className,
    node: nodes.get(`${prefix}${name}`),
    layers: layers && placed(layers, nodes, `${prefix}${name}/`),
  }))
}
