import { bytesOf } from '../../bytes-of.ts'
import { RunError } from '../../errors.ts'
import type { ExchangeFormat, ModelToExport } from '../format.ts'

const WEIGHTS = 'model.safetensors'
const CONFIG = 'config.json'

/**
 * The weights by the ids of their parameters (huggingface.co/docs/safetensors), and beside them the spec and the
 * preprocessing, which say what they belong to.
 */
export const safetensors: ExchangeFormat = {
  type: 'safetensors',
  summary: `a folder with the weights, ${WEIGHTS}, and the network that they belong to, ${CONFIG}`,
  write({ spec, preprocessing, ...model }) {
    const config = { ...spec, preprocessing }
    return {
      folder: new Map<string, string | Uint8Array>([
        [WEIGHTS, weightsFile(model)],
        [CONFIG, `${JSON.stringify(config, null, 2)}\n`],
      ]),
    }
  },
  check: {
    program: 'safetensors',
    compares: 'weights',
    imports: 'import safetensors.numpy',
    version: 'safetensors.__version__',
    run: `
weights = safetensors.numpy.load_file(os.path.join(path, "${WEIGHTS}"))
outputs = [weights[name] for name in names]`,
  },
}

/** The length of the header, the header as JSON, the arrays one after the other. */
function weightsFile({ name, task, weights }: Pick<ModelToExport, 'name' | 'task' | 'weights'>): Uint8Array {
  let end = 0
  const tensors = task.graph.nodes
    .flatMap(({ parameters }) => parameters)
    .map(({ id, shape }) => {
      const data = weights.get(id)
      if (data === undefined) throw new RunError(`${name} has no weights ${id}`)
      const begin = end
      end += data.byteLength
      return { id, data, entry: { dtype: 'F32', shape, data_offsets: [begin, end] } }
    })
  const header = JSON.stringify({
    __metadata__: { format: 'nnlab', name },
    ...Object.fromEntries(tensors.map(({ id, entry }) => [id, entry])),
  })
  const bytes = Buffer.from(header)
  const padding = Buffer.alloc((8 - (bytes.length % 8)) % 8, ' ')
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length + padding.length))
  const arrays = tensors.map(({ data }) => bytesOf(data))
  return Buffer.concat([length, bytes, padding, ...arrays])
}
