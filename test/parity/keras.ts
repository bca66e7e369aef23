// Random specs trained by nnlab and by real Keras side by side, see RESULTS.md:
//   npm run parity -- [--specs 500] [--seed 1] [--only NUMBER,FIRST-LAST,...] [--backend cpu]
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import * as z from 'zod'

import { findPython } from '../../bench/peers/available.ts'
import { startPeer } from '../../bench/peer-process.ts'
import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { backendNames } from '../../src/engine/tfjs/backend-names.ts'
import { openTfjsEngine } from '../../src/engine/tfjs/engine.ts'
import { difference, worst } from './compare.ts'
import type { Difference } from './compare.ts'
import { randomSpecs } from './random-spec.ts'
import type { RandomSpec } from './random-spec.ts'
import { parametersOf, trainInFloat64, trainWith } from './train.ts'
import type { Trained } from './train.ts'

/** What two trainings in float32 may differ by, and two in float64. */
const LIMIT = 1e-4
const LIMIT_FLOAT64 = 1e-7
/** How many times as far as Keras in float32 nnlab may be from its own float64, where it is farther than LIMIT from it. */
const MOST_DRIFT = 10

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
  readonly spec: number
  readonly engine: string
  readonly worst: Difference
  /** Of the trainings that differ by more than they may. */
  readonly verdict?: 'ERROR' | 'MISS' | 'rounding'
  readonly why?: string
}

const { values: options } = parseArgs({
  options: {
    specs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    /** Of TensorFlow.js. */
    backend: { type: 'string', default: 'cpu' },
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
const keras = startPeer(python, ['test/parity/keras_parity.py'])
const engines = [
  openCompiledEngine({ arithmetic: 'auto', threads: 1 }),
  await openTfjsEngine({
    backend: z.enum(backendNames).parse(options.backend),
    tfjsNodeFolder: process.env['NNLAB_TFJS_NODE'],
  }),
]
const drawn = randomSpecs(Number(options.specs), Number(options.seed))
const specs = options.only === undefined ? drawn : options.only.split(',').flatMap(numbered)
const rows: Row[] = []
const refused: string[] = []
for (const spec of specs) {
  const wanted = await trainInKeras(spec, 'float32')
  if ('error' in wanted) {
    refused.push(`spec ${spec.number}: ${wanted.error}`)
    continue
  }
  for (const engine of engines) {
    const row = await compared(engine, spec, wanted)
    rows.push(row)
    if (row.verdict !== undefined) console.error(lineOf(row))
  }
  if ((spec.number + 1) % 10 === 0) console.error(`spec ${spec.number + 1}`)
}
keras.stop()
report()

async function compared(engine: Engine, spec: RandomSpec, wanted: Trained): Promise<Row> {
  const common = { spec: spec.number, engine: engine.name }
  const found = await trainWith(engine, spec).catch((error: unknown) => firstLine(String(error)))
  if (typeof found === 'string') {
    return { ...common, worst: { what: found, size: Infinity }, verdict: 'ERROR' }
  }
  const most = worst(found, wanted, spec)
  return { ...common, worst: most, ...(most.size > LIMIT && (await explain(spec, found, wanted))) }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

/** The specs of a number or a range of them. */
function numbered(range: string): readonly RandomSpec[] {
  const [first = NaN, last = first] = range.split('-').map(Number)
  return drawn.slice(first, last + 1)
}

async function trainInKeras(spec: RandomSpec, floatx: 'float32' | 'float64') {
  const { config, task, start, encoded, batch, steps, classWeight } = spec
  const tensor = (shape: readonly number[], data: ArrayLike<number>) => ({ shape, data: Array.from(data) })
  const answer = await keras.ask({
    ...config,
    floatx,
    batch,
    steps,
    start: parametersOf(spec).map(({ id, shape }) => tensor(shape, start.get(id) ?? [])),
    inputs: Object.fromEntries(
      encoded.inputs.map(({ name, shape, data }) => [name, tensor([encoded.rows, ...shape], data)]),
    ),
    targets: Object.fromEntries(
      encoded.targets.map(({ name, shape, data }) => [name, tensor([encoded.rows, ...shape], data)]),
    ),
    kinds: Object.fromEntries(task.outputs.map(({ name, kind }) => [name, kind])),
    sample_weight: encoded.sampleWeight === undefined ? null : Array.from(encoded.sampleWeight),
    class_weight: classWeight ?? null,
  })
  return answerSchema.parse(answer)
}

/**
 * Why float32 trainings differ: by rounding, where the same two agree in float64 and nnlab's float32 is about as near to
 * that as Keras's.
 */
async function explain(
  spec: RandomSpec,
  found: Trained,
  wanted: Trained,
): Promise<Pick<Row, 'verdict' | 'why'>> {
  const exact = await trainInKeras(spec, 'float64')
  if ('error' in exact) return { verdict: 'MISS', why: `in float64 Keras says ${exact.error}` }
  const ours = trainInFloat64(spec)
  const apart = worst(ours, exact, spec)
  const [theirDrift, ourDrift] = [worst(wanted, exact, spec), worst(found, ours, spec)]
  const isNear = ourDrift.size <= Math.max(LIMIT, MOST_DRIFT * theirDrift.size)
  return {
    verdict: apart.size <= LIMIT_FLOAT64 && isNear ? 'rounding' : 'MISS',
    why: `in float64 ${difference(apart)}; float32 is ${difference(theirDrift)} off it in Keras, ${difference(ourDrift)} in nnlab`,
  }
}

function lineOf({ spec, engine, worst: most, verdict, why }: Row): string {
  const numbers = `spec ${String(spec).padEnd(5)}${engine.padEnd(10)}${difference(most).padEnd(55)}`
  return `${numbers}${verdict ?? ''} ${why ?? ''}`.trimEnd()
}

function report(): void {
  rows.sort((a, b) => b.worst.size - a.worst.size)
  const misses = rows.filter(({ verdict }) => verdict === 'MISS' || verdict === 'ERROR')
  const rounding = rows.filter(({ verdict }) => verdict === 'rounding')
  for (const row of new Set([...misses, ...rounding, ...rows.slice(0, 20)])) console.log(lineOf(row))
  for (const line of refused) console.log(`refused by Keras: ${line}`)
  const counts = engines.map(({ name }) => `${rows.filter(({ engine }) => engine === name).length} ${name}`)
  console.log(
    `${specs.length} specs of seed ${options.seed}, ${rows.length} trainings (${counts.join(', ')} on ${options.backend}): ${misses.length} misses, ` +
      `${rounding.length} differ by rounding, ${refused.length} specs that Keras refuses`,
  )
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ refused, rows }, null, 1)}\n`)
  }
  for (const { number, batch, config } of specs.length <= 20 ? specs : []) {
    console.log(`${number}: batch ${batch}\n${JSON.stringify(config)}`)
  }
  process.exitCode = misses.length > 0 ? 1 : 0
}
