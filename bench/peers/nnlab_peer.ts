import { outputTasks } from '../../src/step/task.ts'
import type { EncodedRows, EncodedInput } from '../../src/data/rows/encoded-rows.ts'
import { openEngine } from '../../src/engine/select.ts'
import { initialWeights } from '../../src/model/weights.ts'
import { buildGraph } from '../../src/model/build.ts'
import { randomBits, randomUniform, stream } from '../../src/random.ts'
import { compileSection } from '../../src/spec/schema/compile.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { epochOrder } from '../../src/train/order.ts'
import { converse } from './conversation.ts'
import type { Network } from './conversation.ts'

/** nnlab on the engine named by the first argument, then the number of threads or auto, and none for no machine code. */
const [, , engineName = 'compiled', threads = 'auto', native = 'auto'] = process.argv

await converse(async (network) => {
  const { graph } = buildGraph(modelSection().parse({ input: network.input, layers: network.layers }))
  if (graph === undefined) throw new Error('the network cannot be built')
  const compiled = compileSection().parse({ loss: network.loss, optimizer: network.optimizer })
  const task = { graph, outputs: outputTasks(graph, compiled), optimizer: compiled.optimizer, seed: 1 }
  const engine = await openEngine({
    engine: engineName === 'tfjs' ? 'tfjs' : 'compiled',
    arithmetic: 'auto',
    threads: threads === 'auto' ? 'auto' : Number(threads),
    native: native === 'none' ? 'none' : 'auto',
    tfjsNodeFolder: process.env['NNLAB_TFJS_NODE'],
  })
  const session = engine.open(task, initialWeights(graph, 1))
  const encoded = rowsOf(network, graph.outputs[0] ?? '', task.outputs[0]?.kind ?? 'classes')
  let epoch = 0
  const run = async (rows: EncodedRows): Promise<number> => {
    const order = epochOrder(1, epoch++, rows.rows, true)(0, rows.rows)
    const { batch: batchSize } = network
    const count = Math.ceil(rows.rows / batchSize)
    let first = 0
    while (first < count) {
      const turn = Math.min(count - first, engineName === 'tfjs' ? 10 : count)
      await session.train({ encoded: rows, order, epoch: 0, batchSize, first, count: turn, factor: 1 })
      first += turn
    }
    return count
  }
  const rows = network.rows < 100 ? await longer(encoded, run) : encoded
  return { name: engine.description, run: () => run(rows) }
})

/**
 * The rows as often as makes a thousand steps, or a second: an epoch of a tiny data set is over before it can be timed.
 */
async function longer(rows: EncodedRows, run: (rows: EncodedRows) => Promise<number>): Promise<EncodedRows> {
  await run(rows)
  const started = performance.now()
  const steps = await run(rows)
  const ms = performance.now() - started
  return repeated(rows, Math.max(1, Math.ceil(Math.min(1000 / steps, 1000 / ms))))
}

function rowsOf(network: Network, output: string, kind: 'classes' | 'numbers'): EncodedRows {
  const { rows, classes } = network
  const labels = Int32Array.from(randomBits(stream(1, 'y'), 0, rows), (bits) => bits % classes)
  return {
    rows,
    inputs: [{ name: 'input', shape: network.input, ...numbersOf(network) }],
    targets: [
      kind === 'classes'
        ? { kind, name: output, shape: [], data: labels }
        : { kind, name: output, shape: [1], data: Float32Array.from(labels) },
    ],
    sourceRow: Uint32Array.from({ length: rows }, (_, i) => i),
  }
}

/** Images stay bytes, as nnlab keeps them. */
function numbersOf({ rows, input, tokens, pixels }: Network): Pick<EncodedInput, 'data' | 'scale'> {
  const size = rows * input.reduce((product, length) => product * length, 1)
  const bits = (): Uint32Array => randomBits(stream(1, 'x'), 0, size)
  if (pixels) return { data: Uint8Array.from(bits()), scale: { multiply: 1 / 255, add: 0 } }
  if (tokens !== undefined) return { data: Float32Array.from(bits(), (word) => word % tokens) }
  return { data: randomUniform(stream(1, 'x'), 0, size) }
}

function repeated(encoded: EncodedRows, times: number): EncodedRows {
  const rows = encoded.rows * times
  const again = <A extends Float32Array | Int32Array | Uint8Array>(data: A, into: A): A => {
    for (let i = 0; i < times; i++) into.set(data, i * data.length)
    return into
  }
  return {
    rows,
    inputs: encoded.inputs.map((input) => ({
      ...input,
      data: again(Float32Array.from(input.data), new Float32Array(input.data.length * times)),
    })),
    targets: encoded.targets.map((target) =>
      target.kind === 'classes'
        ? { ...target, data: again(target.data, new Int32Array(target.data.length * times)) }
        : { ...target, data: again(target.data, new Float32Array(target.data.length * times)) },
    ),
    sourceRow: Uint32Array.from({ length: rows }, (_, i) => i),
  }
}
