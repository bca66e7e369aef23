import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { outputTasks } from '../../src/step/task.ts'
import type { Task } from '../../src/step/task.ts'
import { relaxedSimd } from '../../src/backend/wasm/assembler/features.ts'
import { layers } from '../../src/components/layers/index.ts'
import { losses } from '../../src/components/losses/index.ts'
import { optimizers } from '../../src/components/optimizers/index.ts'
import type { EncodedRows } from '../../src/data/rows/encoded-rows.ts'
import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { openTfjsEngine } from '../../src/engine/tfjs/engine.ts'
import { buildGraph } from '../../src/model/build.ts'
import { compileSection } from '../../src/spec/schema/compile.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { readGolden, tensorSchema } from '../golden/golden.ts'

/** Keras's trainings: from the weights `start`, one batch of rows after the other, to the weights `end`. */
const golden = readGolden(
  'training',
  z.object({
    batch: z.int(),
    cases: z.array(
      z.object({
        name: z.string(),
        model: z.unknown(),
        compile: z.unknown(),
        inputs: z.record(z.string(), tensorSchema),
        /** As encoded rows hold them. */
        targets: z.record(z.string(), tensorSchema),
        row_weights: z.array(z.number()).nullable(),
        start: z.array(tensorSchema),
        /** Of each step, before its update. */
        losses: z.array(z.number()),
        end: z.array(z.array(z.number())),
      }),
    ),
  }),
)
type Case = (typeof golden.cases)[number]

const engines: readonly Engine[] = [
  await openTfjsEngine({ backend: 'cpu' }),
  openCompiledEngine({ arithmetic: 'mul_add', threads: 1 }),
  ...(relaxedSimd() ? [openCompiledEngine({ arithmetic: 'fma', threads: 1 })] : []),
]

function taskOf(example: Case, parts = 1): Task {
  const { graph, problems } = buildGraph(modelSection().parse(example.model))
  if (graph === undefined) throw new Error(JSON.stringify(problems))
  const compile = compileSection().parse(example.compile)
  return { graph, outputs: outputTasks(graph, compile), optimizer: compile.optimizer, seed: 0, parts }
}

function encodedRowsOf({ inputs, targets }: Case, task: Task): EncodedRows {
  const rows = Object.values(inputs)[0]?.shape[0] ?? 0
  return {
    rows,
    inputs: Object.entries(inputs).map(([name, { shape, data }]) => ({
      name,
      shape: shape.slice(1),
      data: Float32Array.from(data),
    })),
    targets: task.outputs.map(({ name, kind }) => {
      const { shape, data } = targets[name] ?? { shape: [], data: [] }
      const common = { name, shape: shape.slice(1) }
      return kind === 'classes'
        ? { ...common, kind, data: Int32Array.from(data) }
        : { ...common, kind, data: Float32Array.from(data) }
    }),
    sourceRow: Uint32Array.from({ length: rows }, (_, i) => i),
  }
}

/** The loss of each step and the weights after the last. */
async function train(
  engine: Engine,
  example: Case,
  parts = 1,
): Promise<{ losses: number[]; end: Float32Array[] }> {
  const task = taskOf(example, parts)
  const encoded = encodedRowsOf(example, task)
  const parameters = task.graph.nodes.flatMap((node) => node.parameters)
  expect(parameters.map(({ shape }) => shape)).toEqual(example.start.map(({ shape }) => shape))
  const start = new Map(parameters.map(({ id }, i) => [id, Float32Array.from(example.start[i]?.data ?? [])]))
  const session = engine.open(task, start)
  const order = Uint32Array.from({ length: example.losses.length * golden.batch }, (_, i) => i % encoded.rows)
  const weights = example.row_weights && { rowWeights: Float32Array.from(example.row_weights) }
  const found: number[] = []
  for (let step = 0; step < example.losses.length; step++) {
    const steps = { encoded, order, batchSize: golden.batch, first: step, count: 1, factor: 1, ...weights }
    const { sums } = await session.train({ ...steps, epoch: 0 })
    found.push(sums.loss / sums.rows)
  }
  const end = await session.weights()
  session.dispose()
  return { losses: found, end: parameters.map(({ id }) => end.get(id) ?? new Float32Array()) }
}

/** The largest difference over the largest of the wanted numbers, which is what float32 rounds in proportion to. */
function difference(actual: ArrayLike<number>, wanted: readonly number[]): number {
  expect(actual.length).toBe(wanted.length)
  const size = Math.max(...wanted.map(Math.abs), 1e-3)
  return Math.max(...wanted.map((value, i) => Math.abs((actual[i] ?? NaN) - value))) / size
}

function expectKeras(ours: { losses: number[]; end: Float32Array[] }, example: Case): void {
  for (const [step, wanted] of example.losses.entries()) {
    expect(difference([ours.losses[step] ?? NaN], [wanted]), `loss of step ${step}`).toBeLessThan(1e-4)
  }
  for (const [i, wanted] of example.end.entries()) {
    expect(difference(ours.end[i] ?? [], wanted), `weights ${i}`).toBeLessThan(1e-4)
  }
}

// Of seven parts, three have no row.
const cases = golden.cases.map((example, i) => [example.name, example, i % 2 === 0 ? 3 : 7] as const)

describe.each(cases)('%s', (_name, example, parts) => {
  it.each(engines)('trains as in Keras on the $description: 20 steps agree to 1e-4', async (engine) => {
    expectKeras(await train(engine, example), example)
  })

  // A part normalizes by its own rows.
  it.skipIf(typesIn(example.model).includes('batch_normalization'))(
    `trains as in Keras in ${parts} parts`,
    async () => {
      const engine = openCompiledEngine({ arithmetic: 'mul_add', threads: 1 })
      expectKeras(await train(engine, example, parts), example)
    },
  )
})

/** The types of all layers of a config, wrapped ones too. */
function typesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = 'type' in value && typeof value.type === 'string' ? [value.type] : []
  return [...own, ...Object.values(value).flatMap(typesIn)]
}

describe('golden trainings', () => {
  const canonical = new Set(
    golden.cases.flatMap(({ model }) => typesIn(model)).map((type) => layers.find(type)?.type),
  )

  it('cover every layer', () => {
    expect(layers.members.map(({ type }) => type).filter((type) => !canonical.has(type))).toEqual([])
  })

  it('cover every loss and every optimizer', () => {
    const tasks = golden.cases.map(taskOf)
    const lossTypes = new Set(tasks.flatMap(({ outputs }) => outputs.map(({ loss }) => loss.type)))
    const optimizerTypes = new Set(tasks.map(({ optimizer }) => optimizer.type))
    expect(losses.members.map(({ type }) => type).filter((type) => !lossTypes.has(type))).toEqual([])
    expect(optimizers.members.map(({ type }) => type).filter((type) => !optimizerTypes.has(type))).toEqual([])
  })
})
