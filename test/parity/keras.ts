// Random specs trained by nnlab and by real Keras side by side: npm run parity -- [--specs 500] [--seed 1] [--only NUMBER,...]
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import * as z from 'zod'

import { findPython } from '../../bench/peers/available.ts'
import { startPeer } from '../../bench/peer-process.ts'
import { lackingLayer } from '../../src/engine/compiled/lacking.ts'
import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { openTfjsEngine } from '../../src/engine/tfjs/engine.ts'
import type { Weights } from '../../src/model/weights.ts'
import { difference, worst } from './compare.ts'
import type { Difference } from './compare.ts'
import { randomSpecs } from './random-spec.ts'
import type { RandomSpec } from './random-spec.ts'
import { parametersOf, trainInFloat64, trainWith } from './train.ts'
import type { Trained } from './train.ts'

/** What two trainings in float32 may differ by, and two in float64. */
const LIMIT = 1e-4
const LIMIT_FLOAT64 = 1e-6
/** How many times as far as one rounding at the start the roundings of 20 steps may lead. */
const ILL_CONDITIONED = 30

const number = z
  .number()
  .nullable()
  .transform((value) => value ?? NaN)
const figures = z.record(z.string(), number)
const answerSchema = z.union([
  z.object({ error: z.string() }),
  z.object({
    figures: z.array(figures),
    end: z.array(z.array(number)),
    evaluation: figures,
    predictions: z.record(z.string(), z.array(number)),
  }),
])

type Row = {
  readonly spec: RandomSpec
  readonly engine: string
  readonly worst: Difference
  readonly verdict: string
}

const { values: options } = parseArgs({
  options: {
    specs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
})
const python = findPython()
if (python === undefined) {
  console.log(
    'Keras parity: skipped, no Python environment with Keras (npm run peers, or NNLAB_PEERS=FOLDER)',
  )
  process.exit(0)
}
/** The reference is Keras on TensorFlow; Keras on PyTorch is asked where the two differ. */
const script = ['test/parity/keras_parity.py']
const keras = {
  tensorflow: startPeer(python, script, { KERAS_BACKEND: 'tensorflow' }),
  torch: startPeer(python, script, { KERAS_BACKEND: 'torch' }),
}
const engines = [
  openCompiledEngine({ arithmetic: 'auto', threads: 1 }),
  await openTfjsEngine({ backend: 'cpu' }),
]
const specs = randomSpecs(Number(options.specs), Number(options.seed))
const rows: Row[] = []
const refused: string[] = []
const notCompiled: number[] = []
for (const spec of specs) {
  if (options.only !== undefined && !options.only.split(',').includes(`${spec.number}`)) continue
  const wanted = await trainInKeras(spec, 'float32')
  if ('error' in wanted) {
    refused.push(`spec ${spec.number}: ${wanted.error}`)
    continue
  }
  for (const engine of engines) {
    if (engine.name === 'compiled' && lackingLayer(spec.task) !== undefined) {
      notCompiled.push(spec.number)
      continue
    }
    const found = await trainWith(engine, spec).catch(
      (error: unknown) => String(error).split('\n', 1)[0] ?? '',
    )
    if (typeof found === 'string') {
      rows.push({ spec, engine: engine.name, worst: { what: found, size: Infinity }, verdict: 'ERROR' })
      continue
    }
    const most = worst(found, wanted, parametersOf(spec))
    rows.push({
      spec,
      engine: engine.name,
      worst: most,
      verdict: most.size <= LIMIT ? '' : await explain(spec, found, wanted),
    })
  }
  if ((spec.number + 1) % 50 === 0) console.error(`${spec.number + 1} of ${specs.length} specs`)
}
keras.tensorflow.stop()
keras.torch.stop()
report()

async function trainInKeras(
  spec: RandomSpec,
  floatx: 'float32' | 'float64',
  backend: keyof typeof keras = 'tensorflow',
) {
  const { config, task, start, dataset, batch, steps, classWeight } = spec
  const tensor = (shape: readonly number[], data: ArrayLike<number>) => ({ shape, data: Array.from(data) })
  const answer = await keras[backend].ask({
    ...config,
    floatx,
    batch,
    steps,
    start: parametersOf(spec).map(({ id, shape }) => tensor(shape, start.get(id) ?? [])),
    inputs: Object.fromEntries(
      dataset.inputs.map(({ name, shape, data }) => [name, tensor([dataset.rows, ...shape], data)]),
    ),
    targets: Object.fromEntries(
      dataset.targets.map(({ name, shape, data }) => [name, tensor([dataset.rows, ...shape], data)]),
    ),
    kinds: Object.fromEntries(task.outputs.map(({ name, kind }) => [name, kind])),
    sample_weight: dataset.sampleWeight === undefined ? null : Array.from(dataset.sampleWeight),
    class_weight: classWeight ?? null,
  })
  return answerSchema.parse(answer)
}

/**
 * Why float32 trainings differ. It is a peculiarity of TensorFlow where Keras on PyTorch agrees with nnlab. It is
 * rounding where the same two agree in float64, or where the training is so ill-conditioned that moving its first
 * weights by one rounding of float32 moves its end about as far.
 */
async function explain(spec: RandomSpec, found: Trained, wanted: Trained): Promise<string> {
  const parameters = parametersOf(spec)
  const other = await trainInKeras(spec, 'float32', 'torch')
  const exact = await trainInKeras(spec, 'float64')
  if (!('error' in other) && worst(found, other, parameters).size <= LIMIT)
    return 'agrees with Keras on PyTorch'
  if ('error' in exact) return `MISS, and in float64 Keras says ${exact.error}`
  const ours = trainInFloat64(spec)
  const apart = worst(ours, exact, parameters)
  const moved = worst(trainInFloat64({ ...spec, start: nudged(spec.start) }), ours, parameters)
  const sizes = [
    `float64 ${difference(apart)}`,
    `Keras drifts ${worst(wanted, exact, parameters).size.toExponential(1)} from it`,
    `nnlab ${worst(found, exact, parameters).size.toExponential(1)}`,
    `one rounding at the start moves ${moved.size.toExponential(1)}`,
  ].join(', ')
  const most = Math.max(worst(found, wanted, parameters).size, apart.size)
  return apart.size <= LIMIT_FLOAT64 || most <= ILL_CONDITIONED * moved.size
    ? `rounding: ${sizes}`
    : `MISS: ${sizes}`
}

/** Every number moved up or down by one rounding. */
function nudged(weights: Weights): Weights {
  const move = (x: number, i: number): number => x * (1 + (i % 2 === 0 ? 1.2e-7 : -1.2e-7))
  return new Map(Array.from(weights, ([id, data]) => [id, data.map(move)]))
}

function report(): void {
  rows.sort((a, b) => b.worst.size - a.worst.size)
  const misses = rows.filter(({ verdict }) => verdict.startsWith('MISS') || verdict === 'ERROR')
  const peculiar = rows.filter(({ verdict }) => verdict.startsWith('agrees'))
  const rounding = rows.filter(({ verdict }) => verdict.startsWith('rounding'))
  const shown = new Set([...misses, ...peculiar, ...rounding, ...rows.slice(0, 20)])
  for (const { spec, engine, worst: most, verdict } of shown) {
    console.log(
      `spec ${String(spec.number).padEnd(5)}${engine.padEnd(10)}${difference(most).padEnd(60)}${verdict}`,
    )
  }
  for (const line of refused) console.log(`Keras refuses ${line}`)
  if (notCompiled.length > 0)
    console.log(`the compiled engine lacks a layer of specs ${notCompiled.join(', ')}`)
  console.log(
    `${rows.length} trainings of ${specs.length} specs, seed ${options.seed}: ${misses.length} misses, ` +
      `${rounding.length} explained by rounding, ${peculiar.length} that agree with Keras on PyTorch only, ${refused.length} specs that Keras refuses`,
  )
  if (options.json !== undefined) {
    const table = rows.map(({ spec, engine, worst: most, verdict }) => ({
      spec: spec.number,
      engine,
      ...most,
      verdict,
    }))
    writeFileSync(options.json, `${JSON.stringify({ refused, rows: table }, null, 1)}\n`)
  }
  for (const { number, batch, config } of specs) {
    if (options.only?.split(',').includes(`${number}`))
      console.log(`${number}: batch ${batch}\n${JSON.stringify(config)}`)
  }
  process.exitCode = misses.length > 0 ? 1 : 0
}
