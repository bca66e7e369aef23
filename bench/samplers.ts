// Compares the TPE of sweeps with Optuna's: the regret after some trials on public functions, over many seeds.
//   node scripts/bench.js samplers [--update PYTHON]
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

import { samplers } from '../src/components/samplers/index.ts'
import type { Observation } from '../src/components/samplers/sampler.ts'
import { PUBLIC_FUNCTIONS } from './public-functions.ts'
import type { PublicFunction } from './public-functions.ts'

type Regrets = {
  readonly optuna: string
  readonly trials: number
  readonly regrets: Readonly<Record<string, readonly number[]>>
}

const [SEEDS, TRIALS] = [20, 60]
const FILE = 'bench/samplers.json'

const tpe = samplers.of({ type: 'tpe' })
const config = samplers.schemaOf(tpe).parse({ type: 'tpe' })

function regret({ ranges, at, least }: PublicFunction, seed: number): number {
  const space = ranges.map(([low, high]) => ({ kind: 'number' as const, low, high }))
  const earlier: Observation[] = []
  for (let trial = 0; trial < TRIALS; trial++) {
    const point = tpe.point(config, { space, seed, trial, earlier })
    earlier.push({ point, loss: at(point), rung: 0 })
  }
  return Math.min(...earlier.map(({ loss }) => loss)) - least
}

/** Mean of the logarithm of ratios, and its deviation: regrets of functions and seeds differ by orders of magnitude. */
function logRatios(ours: readonly number[], theirs: readonly number[]): { mean: number; error: number } {
  const logs = ours.map((one, i) => Math.log(one / (theirs[i] ?? NaN)))
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1)
  return { mean, error: Math.sqrt(variance / logs.length) }
}

const [flag, python] = process.argv.slice(2)
if (flag === '--update' && python !== undefined) {
  const argv = ['bench/peers/optuna_peer.py', String(SEEDS), String(TRIALS)]
  writeFileSync(FILE, execFileSync(python, argv, { stdio: ['ignore', 'pipe', 'inherit'] }))
}
// What the program above has printed.
const golden = JSON.parse(readFileSync(FILE, 'utf8')) as Regrets
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
const rows = PUBLIC_FUNCTIONS.map((one) => {
  const ours = Array.from({ length: SEEDS }, (_, seed) => regret(one, seed))
  return { name: one.name, ours, theirs: golden.regrets[one.name] ?? [] }
})
console.log(`mean regret after ${TRIALS} trials, ${SEEDS} seeds: nnlab, Optuna ${golden.optuna}, ratio`)
for (const { name, ours, theirs } of rows) {
  const [a, b] = [mean(ours), mean(theirs)]
  console.log(
    `${name.padEnd(16)} ${a.toPrecision(3).padStart(9)} ${b.toPrecision(3).padStart(9)} ${(a / b).toFixed(2)}`,
  )
}
const ratios = rows.map(({ ours, theirs }) => mean(ours) / mean(theirs))
const paired = logRatios(
  rows.flatMap(({ ours }) => ours),
  rows.flatMap(({ theirs }) => theirs),
)
console.log(`mean of the ratios ${mean(ratios).toFixed(3)}`)
console.log(
  `geometric mean of the regrets, paired: ${Math.exp(paired.mean).toFixed(3)}, t = ${(paired.mean / paired.error).toFixed(2)}`,
)
