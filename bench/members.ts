// Members, the models of many seeds at once, beside the same models trained one after the other, and jax.vmap:
//   npm run bench:members -- [--members 16] [--epochs 20] [--rounds 5]
// The net and the sizes are those of configs/digits.yaml. Rows are ready, and every way has trained an epoch before its
// time counts: compiling is not in it. Epochs have their order and their validation, as in every training.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

import { inMemory } from '../src/data/rows/row-set.ts'
import type { RowSet } from '../src/data/rows/row-set.ts'
import { openCompiledEngine } from '../src/engine/compiled/engine.ts'
import { Members } from '../src/engine/compiled/members.ts'
import type { Engine, Session } from '../src/engine/engine.ts'
import { buildGraph } from '../src/model/build.ts'
import { initialWeights } from '../src/model/weights.ts'
import { randomBits, randomUniform, stream } from '../src/random.ts'
import { compileSection } from '../src/spec/schema/compile.ts'
import { modelSection } from '../src/spec/schema/model.ts'
import { outputTasks } from '../src/step/task.ts'
import type { Task } from '../src/step/task.ts'
import { train } from '../src/train/loop.ts'
import { findPython } from './peers/available.ts'

const [ROWS, VALIDATION, FEATURES, CLASSES, BATCH] = [1258, 180, 64, 10, 32]

const { values: options } = parseArgs({
  options: {
    members: { type: 'string', default: '16' },
    epochs: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '5' },
  },
})
const [count, epochs, rounds] = [options.members, options.epochs, options.rounds].map(Number) as [
  number,
  number,
  number,
]
const cores = availableParallelism()
const tasks = Array.from({ length: count }, (_, seed) => digits(seed))
const [training, validation] = [rowsOf(ROWS), rowsOf(VALIDATION)]
const steps = count * epochs * Math.ceil(ROWS / BATCH)

const alone: number[] = []
const together: number[] = []
for (let round = 0; round < rounds; round++) {
  const one = await oneAfterTheOther(openCompiledEngine({ arithmetic: 'auto', threads: 'auto' }))
  const all = await atOnce()
  if (one.sha256 !== all.sha256) throw new Error('the members have other bits than the models alone')
  alone.push((1000 * steps) / one.ms)
  together.push((1000 * steps) / all.ms)
}
const ratios = together.map((rate, i) => rate / (alone[i] ?? NaN))
console.log(`${count} members of ${FEATURES}-64-${CLASSES}, batches of ${BATCH}, on ${cores} cores`)
console.log(`one after the other  ${shown(alone)} steps/s`)
console.log(`members              ${shown(together)} steps/s: ${median(ratios).toFixed(2)} times as many`)
console.log(`jax.vmap             ${jax() ?? 'not here: npm run peers, or NNLAB_PEERS=FOLDER'}`)

function digits(seed: number): Task {
  const layers = [
    { type: 'dense', units: 64, activation: 'relu' },
    { type: 'dropout', rate: 0.2 },
    { type: 'dense', units: CLASSES, activation: 'softmax' },
  ]
  const { graph } = buildGraph(modelSection().parse({ input: [FEATURES], layers }))
  if (graph === undefined) throw new Error('the network cannot be built')
  const { optimizer, ...rest } = compileSection().parse({
    loss: 'sparse_categorical_crossentropy',
    optimizer: 'adam',
    metrics: ['accuracy'],
  })
  return { graph, outputs: outputTasks(graph, rest), optimizer, seed }
}

function rowsOf(rows: number): RowSet {
  const classes = randomBits(stream(1, 'y'), 0, rows)
  return inMemory({
    rows,
    inputs: [{ name: 'input', shape: [FEATURES], data: randomUniform(stream(1, 'x'), 0, rows * FEATURES) }],
    targets: [
      {
        name: tasks[0]?.outputs[0]?.name ?? '',
        kind: 'classes',
        shape: [],
        data: Int32Array.from(classes, (bits) => bits % CLASSES),
      },
    ],
    sourceRow: Uint32Array.from({ length: rows }, (_, i) => i),
  })
}

/** A session that has compiled all it needs, at the beginning of its training. */
async function begun(engine: Engine, task: Task): Promise<Session> {
  const weights = initialWeights(task.graph, task.seed)
  const session = engine.open(task, weights)
  const beginning = await session.optimizer()
  await trainFor(session, task, 1)
  session.setWeights(weights)
  session.setOptimizer(beginning)
  return session
}

async function trainFor(session: Session, task: Task, many: number): Promise<void> {
  await train(session, {
    task,
    train: training,
    validation,
    batchSize: BATCH,
    epochs: many,
    shuffle: true,
    rowWeights: () => undefined,
    listeners: [],
    signal: new AbortController().signal,
  })
}

type Timed = { readonly ms: number; readonly sha256: string }

async function oneAfterTheOther(engine: Engine): Promise<Timed> {
  let ms = 0
  const hash = createHash('sha256')
  for (const task of tasks) {
    const session = await begun(engine, task)
    const started = performance.now()
    await trainFor(session, task, epochs)
    ms += performance.now() - started
    for (const numbers of (await session.weights()).values()) hash.update(numbers)
    session.dispose()
  }
  return { ms, sha256: hash.digest('hex') }
}

async function atOnce(): Promise<Timed> {
  const members = new Members(cores)
  const engine = openCompiledEngine({ arithmetic: 'auto', threads: 1, members })
  const all: { task: Task; session: Session }[] = []
  for (const task of tasks) all.push({ task, session: await begun(engine, task) })
  const started = performance.now()
  await Promise.all(all.map(({ task, session }) => trainFor(session, task, epochs)))
  const ms = performance.now() - started
  const hash = createHash('sha256')
  for (const { session } of all) {
    for (const numbers of (await session.weights()).values()) hash.update(numbers)
    session.dispose()
  }
  members.dispose()
  return { ms, sha256: hash.digest('hex') }
}

/** Steps a second of the same net under jax.vmap. */
function jax(): string | undefined {
  const python = findPython()
  if (python === undefined) return undefined
  const sizes = [count, epochs, rounds, ROWS, FEATURES, 64, CLASSES, BATCH].map(String)
  const { status, stdout } = spawnSync(python, ['bench/peers/jax_members.py', ...sizes], { encoding: 'utf8' })
  return status === 0 ? `${shown(stdout.trim().split(' ').map(Number))} steps/s` : undefined
}

function shown(rates: readonly number[]): string {
  return String(Math.round(median(rates))).padStart(9)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
