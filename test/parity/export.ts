// Random models exported by nnlab and run by the program that each format is for, see RESULTS.md:
//   npm run parity:export -- --format keras [--specs 300] [--seed 1] [--only NUMBER,FIRST-LAST,...] [--quantize] [--train] [--import]
// With --quantize, the weights are int8, and a difference is no miss where the predictions are numbers.
// With --train, Keras also goes on training, by some steps, and predicts again.
// With --import, nnlab reads the file instead: it must find the same layers, compile section and weights.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { findPython } from '../../bench/peers/available.ts'
import { startPeer } from '../../bench/peer-process.ts'
import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { compare } from '../../src/exchange/compare.ts'
import type { ExportCheck } from '../../src/exchange/compare.ts'
import { losses } from '../../src/components/losses/index.ts'
import type { EncodedTarget } from '../../src/data/rows/encoded-rows.ts'
import type { SavedModel } from '../../src/run/model-files.ts'
import { required } from '../../src/step/step-program.ts'
import { readImported } from '../../src/exchange/imported-model.ts'
import { formats } from '../../src/exchange/index.ts'
import { pythonProgram, encodeRequest, readAnswer } from '../../src/exchange/python.ts'
import type { Written } from '../../src/exchange/format.ts'
import type { NamedArray, ProgramAnswer, ProgramOutput, ProgramRequest } from '../../src/exchange/program.ts'
import { rawResults } from '../../src/exchange/raw.ts'
import { PREPROCESSING_VERSION } from '../../src/runtime/preprocessing.ts'
import type { Preprocessing } from '../../src/runtime/preprocessing.ts'
import { chromiumPath } from '../cli/chromium-path.ts'
import { startWebPeer } from './browser.ts'
import { randomSpecs } from './random-spec.ts'
import type { RandomSpec } from './random-spec.ts'
import { partsThatDiffer, specOf } from './round-trip.ts'

/** Steps, each of all rows, that Keras goes on training. */
const TRAINED_STEPS = 3
/** What trainings in float32 may differ by, relative to the largest prediction. */
const TRAINED_LIMIT = 1e-3

const { values: options } = parseArgs({
  options: {
    format: { type: 'string', default: 'keras' },
    specs: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    quantize: { type: 'boolean', default: false },
    train: { type: 'boolean', default: false },
    import: { type: 'boolean', default: false },
  },
})
const format = formats.find(({ type }) => type === options.format)
const python = findPython()
if (format?.check === undefined || (!options.import && !('answer' in format.check) && python === undefined)) {
  console.log(
    `${options.format} parity: skipped, no Python environment (npm run peers, or NNLAB_PEERS=FOLDER)`,
  )
  process.exit(0)
}
/** The targets come with the inputs; predictions of the trained model go after the others. */
const trained = (run: string): string => `
targets = [inputs.pop("target:" + name) for name in names]
${run}
first, given = outputs, list(inputs.values())
for step in range(${TRAINED_STEPS}):
    model.train_on_batch(given, targets if len(targets) > 1 else targets[0])
outputs = model.predict_on_batch(given)
outputs = first + (outputs if isinstance(outputs, list) else [outputs])`
const check =
  options.train && 'run' in format.check ? { ...format.check, run: trained(format.check.run) } : format.check
const folder = mkdtempSync(join(tmpdir(), 'nnlab-export-'))
const browser =
  format.type === 'web' && chromiumPath !== undefined && !options.import
    ? await startWebPeer(folder)
    : undefined
const peer =
  'run' in check && !options.import ? startPeer(python ?? '', ['-c', pythonProgram(check)]) : undefined
const engine = openCompiledEngine({ arithmetic: 'auto', threads: 1 })
const counts = { same: 0, refused: 0, missed: 0 }
let worst = 0
const drawn = randomSpecs(Number(options.specs), Number(options.seed))
const specs = options.only === undefined ? drawn : options.only.split(',').flatMap(numbered)
try {
  for (const spec of specs) {
    const result = await compared(spec)
    counts[result.kind] += 1
    if (result.line !== undefined) console.log(`spec ${spec.number}: ${result.line}`)
    if (specs.length <= 10) console.log(JSON.stringify(spec.config))
    if ((spec.number + 1) % 50 === 0) console.error(`spec ${spec.number + 1}`)
  }
} finally {
  peer?.stop()
  await browser?.stop()
  rmSync(folder, { recursive: true })
}
console.log(
  `${specs.length} specs of seed ${options.seed} in ${format.type}: ${counts.same} the same (largest difference ${worst.toExponential(1)} of the largest prediction), ` +
    `${counts.missed} misses, ${counts.refused} refused`,
)
process.exitCode = counts.missed > 0 ? 1 : 0

type Result = { readonly kind: keyof typeof counts; readonly line?: string }

async function compared(spec: RandomSpec): Promise<Result> {
  const { task, start, encoded } = spec
  const refused: string[] = []
  const session = engine.open(task, start)
  try {
    const order = Uint32Array.from({ length: encoded.rows }, (_, i) => i)
    const steps = Math.ceil(encoded.rows / spec.batch)
    await session.train({
      encoded,
      order,
      batchSize: spec.batch,
      epoch: 0,
      first: 0,
      count: steps,
      factor: 1,
    })
    const model = {
      name: 'model',
      task,
      graph: task.graph,
      spec: specOf(spec),
      preprocessing: preprocessingOf(spec),
      weights: await session.weights(),
      training: { optimizer: await session.optimizer(), factor: 1 },
    }
    const inputs = encoded.inputs.map(({ name, shape, data }) => ({
      name,
      shape: [encoded.rows, ...shape],
      data: Float32Array.from(data),
    }))
    const refuse = (what: string): void => void refused.push(what)
    const written = options.quantize
      ? format?.writeInt8?.(model, inputs, refuse)
      : format?.write(model, refuse)
    if (written === undefined) throw new Error('the format writes it')
    if (refused.length > 0) return { kind: 'refused', line: refused.join('; ') }
    const path = save(written)
    if (options.import) return importedAgain(path, model)
    const predicted = await session.predict(encoded, spec.batch)
    const targets = options.train ? encoded.targets.map((target) => kerasTarget(spec, target)) : []
    const names = format?.takesRawRows
      ? rawResults(model.preprocessing).map(({ name }) => name)
      : task.outputs.map(({ name }) => name)
    const answer = await ask({ path, inputs: [...inputs, ...targets], names })
    if (answer === undefined || !('outputs' in answer)) return resultOf(answer ?? { failed: 'no answer' })
    const first = { ...answer, outputs: answer.outputs.slice(0, task.outputs.length) }
    const result = resultOf(compare(check, first, outputsOf(spec, predicted), encoded.rows))
    // Keras does not save the product that Nadam keeps.
    if (!options.train || result.kind !== 'same' || task.optimizer.type === 'nadam') return result
    const whole = { encoded, order, batchSize: encoded.rows, epoch: 0, first: 0, count: 1, factor: 1 }
    for (let step = 0; step < TRAINED_STEPS; step++) await session.train(whole)
    const trained = outputsOf(spec, await session.predict(encoded, spec.batch))
    const apart = Math.max(
      ...trained.map((wanted, i) => relative(answer.outputs[task.outputs.length + i], wanted)),
    )
    return apart <= TRAINED_LIMIT ? result : { kind: 'missed', line: `${apart} after training` }
  } finally {
    session.dispose()
  }
}

/** Compares what nnlab reads from a file with the model that was written to it. */
async function importedAgain(path: string, model: SavedModel): Promise<Result> {
  const { saved } = await readImported(path, 'model')
  const other = partsThatDiffer(model, saved)
  return other.length === 0 ? { kind: 'same' } : { kind: 'missed', line: `other ${other.join(', ')}` }
}

async function ask(request: ProgramRequest): Promise<ProgramAnswer | undefined> {
  if (browser) return browser.ask(request)
  if ('answer' in check) return check.answer(request)
  return peer && readAnswer(await peer.ask(encodeRequest(request)))
}

/** Writes a model; returns the path of its file or folder. */
function save(written: Written): string {
  const path = join(folder, `model${format?.ending ?? ''}`)
  if ('file' in written) writeFileSync(path, Buffer.concat(written.file))
  else {
    mkdirSync(path, { recursive: true })
    for (const [name, bytes] of written.folder) writeFileSync(join(path, name), bytes)
  }
  return path
}

/** Raw rows whose columns are the inputs, and predictions that are the numbers of the outputs. */
function preprocessingOf({ task }: RandomSpec): Preprocessing {
  return {
    version: PREPROCESSING_VERSION,
    inputs: task.graph.inputs.map(({ name, shape }) => ({
      name,
      shape,
      features: [{ kind: 'array', column: name, shape, scalings: [] }],
    })),
    outputs: task.outputs.map(({ name, shape }) => ({
      kind: 'numbers',
      name,
      shape,
      columns: [],
      scalings: [],
    })),
    missing: 'error',
  }
}

function outputsOf({ task }: RandomSpec, predicted: ReadonlyMap<string, Float32Array>): Float32Array[] {
  return task.outputs.map(({ name }) => predicted.get(name) ?? new Float32Array())
}

/** What Keras compares an output with: classes as numbers where the loss takes them so, else one-hot. */
function kerasTarget({ task, encoded: { rows } }: RandomSpec, target: EncodedTarget): NamedArray {
  const output = required(new Map(task.outputs.map((one) => [one.name, one])), target.name)
  const name = `target:${target.name}`
  const units = output.shape.at(-1) ?? 1
  if (target.kind === 'numbers' || losses.of(output.loss).target === 'index' || units === 1) {
    const shape = target.kind === 'classes' && units === 1 ? [...target.shape, 1] : target.shape
    return { name, shape: [rows, ...shape], data: Float32Array.from(target.data) }
  }
  const data = Float32Array.from({ length: target.data.length * units }, (_, i) =>
    target.data[Math.floor(i / units)] === i % units ? 1 : 0,
  )
  return { name, shape: [rows, ...target.shape, units], data }
}

function relative(found: ProgramOutput = [], wanted: Float32Array): number {
  if (found.length !== wanted.length) return Infinity
  const size = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3)
  return (
    wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(found[i] ?? NaN))), 0) / size
  )
}

function resultOf(found: ExportCheck): Result {
  if ('absent' in found) return { kind: 'missed', line: found.absent }
  if ('failed' in found) return { kind: 'missed', line: found.failed }
  const { difference, largest } = found
  const same = options.quantize ? Number.isFinite(difference) : found.same
  if (same) worst = Math.max(worst, difference / Math.max(largest, 1e-3))
  return same ? { kind: 'same' } : { kind: 'missed', line: `${difference} of ${largest}` }
}

/** The specs of a number or a range of them. */
function numbered(range: string): readonly RandomSpec[] {
  const [first = NaN, last = first] = range.split('-').map(Number)
  return drawn.slice(first, last + 1)
}
