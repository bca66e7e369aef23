// Random models exported by nnlab and run by the program that each format is for, see RESULTS.md:
//   npm run parity:export -- --format keras [--specs 300] [--seed 1] [--only NUMBER,FIRST-LAST,...]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { findPython } from '../../bench/peers/available.ts'
import { startPeer } from '../../bench/peer-process.ts'
import { lackingLayer } from '../../src/engine/compiled/lacking.ts'
import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { openTfjsEngine } from '../../src/engine/tfjs/engine.ts'
import { compare } from '../../src/exchange/compare.ts'
import type { ExportCheck } from '../../src/exchange/compare.ts'
import { formats } from '../../src/exchange/index.ts'
import { pythonProgram, pythonRequest, readAnswer } from '../../src/exchange/python.ts'
import { randomSpecs } from './random-spec.ts'
import type { RandomSpec } from './random-spec.ts'

const { values: options } = parseArgs({
  options: {
    format: { type: 'string', default: 'keras' },
    specs: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
const format = formats.find(({ type }) => type === options.format)
const python = findPython()
if (format?.check === undefined || python === undefined) {
  console.log(
    `${options.format} parity: skipped, no Python environment (npm run peers, or NNLAB_PEERS=FOLDER)`,
  )
  process.exit(0)
}
const { check } = format
const peer = startPeer(python, ['-c', pythonProgram(check)])
const compiled = openCompiledEngine({ arithmetic: 'auto', threads: 1 })
const tfjs = await openTfjsEngine({ backend: 'cpu' })
const folder = mkdtempSync(join(tmpdir(), 'nnlab-export-'))
const counts = { same: 0, refused: 0, missed: 0 }
let worst = 0
const drawn = randomSpecs(Number(options.specs), Number(options.seed))
const specs = options.only === undefined ? drawn : options.only.split(',').flatMap(numbered)
try {
  for (const spec of specs) {
    const result = await compared(spec)
    counts[result.kind] += 1
    if (result.line !== undefined) console.log(`spec ${spec.number}: ${result.line}`)
    if (specs.length <= 5) console.log(JSON.stringify(spec.config.model))
    if ((spec.number + 1) % 50 === 0) console.error(`spec ${spec.number + 1}`)
  }
} finally {
  peer.stop()
  rmSync(folder, { recursive: true })
}
console.log(
  `${specs.length} specs of seed ${options.seed} in ${format.type}: ${counts.same} the same (largest difference ${worst.toExponential(1)} of the largest prediction), ` +
    `${counts.missed} misses, ${counts.refused} refused`,
)
process.exitCode = counts.missed > 0 ? 1 : 0

type Result = { readonly kind: keyof typeof counts; readonly line?: string }

async function compared(spec: RandomSpec): Promise<Result> {
  const engine = lackingLayer(spec.task) === undefined ? compiled : tfjs
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
      weights: await session.weights(),
      training: { optimizer: await session.optimizer(), factor: 1 },
    }
    const written = format?.write(model, (what) => void refused.push(what))
    if (written === undefined || !('file' in written)) throw new Error('one file is compared')
    if (refused.length > 0) return { kind: 'refused', line: refused.join('; ') }
    const path = join(folder, `model${format?.ending ?? ''}`)
    writeFileSync(path, Buffer.concat(written.file))
    const predicted = await session.predict(encoded, spec.batch)
    const inputs = encoded.inputs.map(({ name, shape, data }) => ({
      name,
      shape: [encoded.rows, ...shape],
      data: Float32Array.from(data),
    }))
    const answer = readAnswer(await peer.ask(pythonRequest(path, inputs))) ?? { failed: 'no answer' }
    const ours = task.outputs.map(({ name }) => predicted.get(name) ?? new Float32Array())
    return resultOf(compare(check, answer, ours, encoded.rows))
  } finally {
    session.dispose()
  }
}

function resultOf(found: ExportCheck): Result {
  if ('absent' in found) return { kind: 'missed', line: found.absent }
  if ('failed' in found) return { kind: 'missed', line: found.failed }
  const { difference, largest, same } = found
  if (same) worst = Math.max(worst, difference / Math.max(largest, 1e-3))
  return same ? { kind: 'same' } : { kind: 'missed', line: `${difference} of ${largest}` }
}

/** The specs of a number or a range of them. */
function numbered(range: string): readonly RandomSpec[] {
  const [first = NaN, last = first] = range.split('-').map(Number)
  return drawn.slice(first, last + 1)
}
