import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { commands } from '../../src/cli/commands/index.ts'
import { once } from '../../src/once.ts'
import { widthOf } from '../../src/report/text/characters.ts'
import { nnlab } from './support.ts'
import type { RunOptions } from './support.ts'

/** The same bits on every machine: no fused multiply-add. */
const CONFIG = `name: iris
data:
  type: csv
  path: iris.csv
  target: species
  features: {scale: standard}
  split: {validation: 0.1, test: 0.2, stratify: true}
model:
  layers:
    - {type: dense, units: 8, activation: relu, name: a_layer_with_a_long_name_that_takes_much_room}
    - {type: dense, units: classes, activation: softmax}
compile: {loss: categorical_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {epochs: 3, arithmetic: mul_add, engine: compiled}
`
const BROKEN = CONFIG.replace('units: 8', 'units: -8').replace('epochs: 3', 'epoch: 3')

/** Command lines by the command whose golden text they make. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  validate: ['nnlab.yaml', '', 'nnlab.yaml broken.yaml'],
  summary: ['', '--data', 'runs/iris/001'],
  train: ['--quiet --run-dir trained', 'broken.yaml'],
  cv: ['--folds 2 --jobs 1 --quiet'],
  sweep: [
    '--jobs 1 model.layers[0].units=4,8 compile.optimizer.learning_rate=1e-3,1e-2',
    '--jobs 1 --quiet fit.epochs=1,2 --seeds 2',
    'fit.epochs=0',
  ],
  'lr-find': ['--steps 60', '--from 1 --to 0.1'],
  data: ['', 'broken.yaml'],
  evaluate: ['runs/iris/001', 'runs/iris/001 --split train --min accuracy=1', 'runs/iris/001 --explain'],
  predict: ['runs/iris/001 new.csv', 'runs/iris/001 new.csv --format x'],
  runs: ['', '--sort test_accuracy --filter optimizer=adam', 'nothing', '--sort x'],
  diff: [
    'runs/iris/001 runs/iris/002',
    'runs/iris/001 runs/iris/001',
    'runs/iris/001 runs/iris/002 runs/iris/003',
    'runs/iris/001',
  ],
  verify: ['runs/iris/001'],
  export: ['runs/iris/001 -o iris.onnx', 'runs/iris/001 --format x', 'runs/iris/001'],
  import: ['saved.keras --force', 'saved.keras -o nnlab.yaml', 'new.csv'],
  explain: ['fit.batch_size', 'dense', 'densse'],
}

/** Commands without a golden text, and what stands for it. */
const EXEMPT: Readonly<Record<string, string>> = {
  init: 'test/cli/init.test.ts reads the configs that it writes',
  schema: 'its document is schema/nnlab.schema.json, which a test pins',
  doctor: 'it tells about the machine',
  report: 'test/cli/report.test.ts reads the pages that it writes',
  board: 'test/cli/board.test.ts opens its page',
  serve: 'test/cli/serve.test.ts asks what it answers',
  completion: 'it prints scripts for shells, which test/cli/completion.test.ts runs',
}

let cwd = ''
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'nnlab-'))
  const iris = fileURLToPath(new URL('../../configs/data/iris.csv', import.meta.url))
  await copyFile(iris, join(cwd, 'iris.csv'))
  const rows = (await readFile(iris, 'utf8')).split('\n')
  await writeFile(join(cwd, 'new.csv'), [rows[0], rows[1], rows[60], rows[140], ''].join('\n'))
  await writeFile(join(cwd, 'nnlab.yaml'), CONFIG)
  const saved = fileURLToPath(new URL('../golden/keras-model.keras', import.meta.url))
  await copyFile(saved, join(cwd, 'saved.keras'))
  await writeFile(join(cwd, 'broken.yaml'), BROKEN)
  const sets = [[], ['compile.optimizer.learning_rate=0.1'], ['compile.optimizer=sgd', 'fit.batch_size=8']]
  for (const [i, set] of sets.entries()) {
    const { code, stderr } = await nnlab(['train', '--quiet', ...set.map((one) => `--set=${one}`)], { cwd })
    expect(code, stderr).toBe(0)
    const file = join(cwd, `runs/iris/00${i + 1}/run.json`)
    const record: object = JSON.parse(await readFile(file, 'utf8'))
    const fixed = { ...record, seconds: 1.25 * (i + 1), started: `2026-01-02T03:0${i}:00.000Z` }
    await writeFile(file, JSON.stringify(fixed))
  }
}, 60_000)
afterAll(() => rm(cwd, { recursive: true, force: true }))

const argvOf = (name: string, line: string): string[] => [
  name,
  ...line.split(' ').filter((word) => word !== ''),
]

/** Output of a command line that no other has trained before, without the time that it took. */
async function written(name: string, line: string, options: RunOptions): Promise<string> {
  for (const made of ['trained', 'runs/iris/cv-001', 'runs/iris/sweep-001'])
    await rm(join(cwd, made), { recursive: true, force: true })
  const env = { NNLAB_PYTHON: '/nowhere/python', ...options.env }
  const { code, stdout, stderr } = await nnlab(argvOf(name, line), { cwd, ...options, env })
  const all = `$ nnlab ${`${name} ${line}`.trim()}\n${stdout}${stderr === '' ? '' : `stderr:\n${stderr}`}exit code ${code}\n`
  return all.replaceAll(/ in \d+(\.\d+)? s\b/g, ' in # s')
}

it('every command has a golden text, or a reason for none', () => {
  expect([...Object.keys(LINES), ...Object.keys(EXEMPT)].toSorted()).toEqual(
    commands.map(({ name }) => name).toSorted(),
  )
})

const TERMINAL = { isTTY: true, columns: 80, env: { NO_COLOR: '1' } }

describe.each(Object.entries(LINES))('nnlab %s', { timeout: 60_000 }, (name, lines) => {
  const all = async (options: RunOptions): Promise<string[]> => {
    const texts: string[] = []
    for (const line of lines) texts.push(await written(name, line, options))
    return texts
  }
  const shown = once(() => all(TERMINAL))
  const expectGolden = (texts: readonly string[], where: string): Promise<void> => {
    const golden = fileURLToPath(new URL(`../golden-text/${name}.${where}.txt`, import.meta.url))
    return expect(texts.join('\n')).toMatchFileSnapshot(golden)
  }

  it('writes its golden text into a pipe', async () => {
    await expectGolden(await all({}), 'piped')
  })

  it('writes its golden text to a terminal, in lines that fit', async () => {
    const texts = await shown()
    await expectGolden(texts, 'terminal')
    const tooWide = texts.flatMap((text) => text.split('\n')).filter((line) => widthOf(line) > 80)
    expect(tooWide.filter((line) => !line.startsWith('$ '))).toEqual([])
  })

  it('writes into a pipe as to a terminal where COLUMNS gives the width', async () => {
    expect(await all({ env: { COLUMNS: '80' } })).toEqual(await shown())
  })
})
