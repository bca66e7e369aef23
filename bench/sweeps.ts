// Compares the TPE of sweeps with Optuna's on real ones: the best validation loss after some trials, over many seeds.
//   NNLAB_PEERS=FOLDER node scripts/bench.js sweeps
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

import { samplers } from '../src/components/samplers/index.ts'
import type { Observation } from '../src/components/samplers/sampler.ts'
import { environmentOf } from '../src/core/environment.ts'
import { SharedRows } from '../src/data/prepare/prepare.ts'
import { Members } from '../src/engine/compiled/members.ts'
import { loadExperiment } from '../src/experiment/build-experiment.ts'
import { readDocument } from '../src/experiment/experiment.ts'
import { openSession, prepareTraining, runTraining } from '../src/experiment/training.ts'
import { sweepSection } from '../src/spec/schema/sweep.ts'
import { assignmentsOf, overridesOf, parametersOf } from '../src/sweep/space.ts'
import type { Assignments } from '../src/sweep/space.ts'
import { findPython } from './peers/available.ts'

const [SEEDS, TRIALS] = [20, 30]
const RATE = { min: 1e-4, max: 0.3, distribution: 'log_uniform_values' }
const DECAY = { min: 1e-5, max: 0.1, distribution: 'log_uniform_values' }

/** Three sweeps of configs/, with fewer epochs. */
const SWEEPS = [
  {
    config: 'configs/iris.yaml',
    set: ['fit.epochs=20', 'data.split.validation=0.3'],
    parameters: {
      'compile.optimizer.learning_rate': RATE,
      'model.layers[0].units': { min: 2, max: 32 },
      'model.layers[0].activation': { values: ['tanh', 'relu', 'sigmoid'] },
      'fit.batch_size': { values: [8, 16, 32] },
    },
  },
  {
    config: 'configs/regression.yaml',
    set: ['fit.epochs=20', 'data.split.validation=0.3'],
    parameters: {
      'compile.optimizer.learning_rate': RATE,
      'compile.optimizer.weight_decay': DECAY,
      'model.layers[0].units': { min: 2, max: 64 },
      'compile.optimizer.type': { values: ['adamw', 'rmsprop', 'sgd'] },
    },
  },
  {
    config: 'configs/digits.yaml',
    set: ['fit.epochs=3', 'fit.callbacks=[]'],
    parameters: {
      'compile.optimizer.learning_rate': { ...RATE, max: 0.1 },
      'model.layers[0].units': { min: 8, max: 64 },
      'model.layers[1].rate': { min: 0.01, max: 0.7 },
      'fit.batch_size': { values: [16, 32, 64] },
    },
  },
] as const
type Sweep = (typeof SWEEPS)[number]

const python = findPython()
if (python === undefined)
  throw new Error('there is no Python with Optuna: npm run peers, or NNLAB_PEERS=FOLDER')
const environment = { ...environmentOf({}), rows: new SharedRows() }
const members = new Members(0)
const tpe = samplers.of({ type: 'tpe' })
const config = samplers.schemaOf(tpe).parse({ type: 'tpe' })

/** The validation loss of a sweep's config with some values; of one that diverges, that of a hopeless model. */
function objectiveOf({ config: file, set }: Sweep): (values: Assignments) => Promise<number> {
  const document = readDocument(file, set, process.cwd())
  return async (values) => {
    const experiment = loadExperiment(document.with(overridesOf(values)))
    const options = { engine: 'compiled', threads: 1, members } as const
    const training = await prepareTraining(experiment, 'configs', options, environment)
    const session = openSession(training)
    try {
      const quiet = { listeners: [], signal: new AbortController().signal }
      const { metricValues } = await runTraining(session, training, quiet)
      return Math.min(metricValues['val_loss'] ?? NaN, 100)
    } catch {
      return 100
    } finally {
      session.dispose()
    }
  }
}

/** The lowest loss of each seed, with nnlab's sampler. */
async function searched(
  sweep: Sweep,
  objective: (values: Assignments) => Promise<number>,
): Promise<number[]> {
  const parameters = parametersOf(sweepSection().parse({ method: 'tpe', parameters: sweep.parameters }))
  const space = parameters.map(({ dimension }) => dimension)
  const lowest: number[] = []
  for (let seed = 0; seed < SEEDS; seed++) {
    const earlier: Observation[] = []
    for (let trial = 0; trial < TRIALS; trial++) {
      const point = tpe.point(config, { space, seed, trial, earlier })
      earlier.push({ point, loss: await objective(assignmentsOf(parameters, point)), rung: 0 })
    }
    lowest.push(Math.min(...earlier.map(({ loss }) => loss)))
  }
  return lowest
}

/** The same with Optuna's. */
async function searchedByOptuna(
  sweep: Sweep,
  objective: (values: Assignments) => Promise<number>,
): Promise<number[]> {
  const argv = [
    'bench/peers/optuna_sweeps.py',
    JSON.stringify(sweep.parameters),
    String(SEEDS),
    String(TRIALS),
  ]
  const peer = spawn(python ?? '', argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  const losses: number[] = []
  for await (const line of createInterface({ input: peer.stdout })) {
    const loss = await objective(JSON.parse(line) as Assignments)
    losses.push(loss)
    peer.stdin.write(`${loss}\n`)
  }
  return Array.from({ length: SEEDS }, (_, i) => Math.min(...losses.slice(i * TRIALS, (i + 1) * TRIALS)))
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

console.log(
  `regret of the lowest validation loss after ${TRIALS} trials, ${SEEDS} seeds: nnlab, Optuna, ratio, t`,
)
for (const sweep of SWEEPS) {
  const objective = objectiveOf(sweep)
  const [ours, theirs] = [await searched(sweep, objective), await searchedByOptuna(sweep, objective)]
  const least = Math.min(...ours, ...theirs)
  const differences = ours.map((loss, i) => loss - (theirs[i] ?? NaN))
  const spread = mean(differences.map((one) => (one - mean(differences)) ** 2)) * (SEEDS / (SEEDS - 1))
  const [a, b] = [mean(ours) - least, mean(theirs) - least]
  const t = mean(differences) / Math.sqrt(spread / SEEDS)
  console.log(
    `${sweep.config.padEnd(24)} ${a.toPrecision(3)} ${b.toPrecision(3)} ${(a / b).toFixed(2)} ${t.toFixed(2)}`,
  )
}
