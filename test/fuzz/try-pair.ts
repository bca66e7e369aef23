import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import * as z from 'zod'

import { disagreements, Figures, LOSSES, mean, METRICS } from '../cli/figures.ts'
import type { Row } from '../cli/figures.ts'
import { nnlab } from '../cli/nnlab.ts'
import { randomNet } from './random-net.ts'
import { drawsOf, randomTable } from './random-table.ts'
import type { Compared, Pair } from './random-table.ts'

/** What came of a pair: the exit code of its training, and all that is wrong. */
export type Outcome = {
  readonly code: number
  /** What a training that was refused says. */
  readonly refusal?: string
  readonly faults: readonly string[]
}

/** Codes of a training that ends as it should. */
const FINE = [0, 3, 4, 5]

/** Trains a pair, and compares its figures with those that its predictions come to. */
export async function tryPair(seed: number, number: number): Promise<Outcome> {
  const draw = drawsOf(seed, number)
  const pair = draw(4) === 0 ? randomNet(draw) : randomTable(draw)
  const cwd = await mkdtemp(join(tmpdir(), 'nnlab-fuzz-'))
  try {
    await writeFile(join(cwd, 'nnlab.yaml'), stringify(pair.config))
    if (pair.file) await writeFile(join(cwd, pair.file.name), pair.file.content)
    const { code, stderr } = await nnlab(['train', '--run-dir', 'run', '--json', '--quiet'], { cwd })
    if (!FINE.includes(code)) return { code, faults: [`train ended with ${code}: ${stderr}`] }
    if (code !== 0) return { code, refusal: stderr, faults: [] }
    return { code, faults: await figureFaults(pair, cwd) }
  } finally {
    await rm(cwd, { recursive: true })
  }
}

async function figureFaults({ file, compared }: Pair, cwd: string): Promise<string[]> {
  if (!compared || !file) return []
  const backtest = compared.isSeries ? ['--backtest'] : []
  const predict = ['predict', 'run', file.name, '--digits', 'full', '--quiet', ...backtest]
  const predicted = await nnlab(predict, { cwd })
  if (predicted.code !== 0) return [`predict ended with ${predicted.code}: ${predicted.stderr}`]
  const [header = '', ...lines] = predicted.stdout.trimEnd().split('\n')
  // The columns of predictions are the first ones; their names and values have no commas.
  const rows = lines.map((line) => {
    const cells = line.split(',')
    return new Map(header.split(',').map((name, i) => [name, cells[i] ?? '']))
  })
  const evaluated = await nnlab(['evaluate', 'run', '--data', file.name, '--json', '--quiet'], { cwd })
  if (evaluated.code !== 0) return [`evaluate ended with ${evaluated.code}: ${evaluated.stderr}`]
  const { metrics } = z.object({ metrics: Figures }).parse(JSON.parse(evaluated.stdout))
  return disagreements(metrics, recomputed(compared, rows))
}

/** True where a probability so near 0 or 1 has lost the digits of a crossentropy, which has them from the logits. */
function isSaturated(loss: string, rows: readonly Row[]): boolean {
  const most = loss === 'binary_crossentropy' ? 1 - 1e-3 : 1
  return loss.endsWith('crossentropy') && rows.some(({ p }) => p.some((one) => one < 1e-30 || one > most))
}

/** The figures that predictions come to. */
function recomputed(
  { loss, metrics, columns, truth, weights }: Compared,
  predictions: readonly ReadonlyMap<string, string>[],
): Figures {
  const rows = predictions.flatMap((prediction, i): Row[] => {
    const p = columns.map((column) => Number(prediction.get(column) || NaN))
    // Rows that were dropped leave the numbers of the others.
    const row = Number(prediction.get('row') ?? i + 1) - 1
    return p.some(Number.isNaN) ? [] : [{ y: truth[row] ?? [], p, w: weights[row] ?? NaN }]
  })
  const unweighted = rows.map((row) => ({ ...row, w: 1 }))
  const lossOf = loss === undefined || isSaturated(loss, rows) ? undefined : LOSSES[loss]
  const figures = metrics.flatMap((name): [string, number][] => {
    const metric = METRICS[name]
    return metric ? [[name, metric(unweighted)]] : []
  })
  return Object.fromEntries([
    ...(lossOf ? [['loss', mean(rows.map((row) => row.w * lossOf(row)))] as const] : []),
    ...figures,
  ])
}
