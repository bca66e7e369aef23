import { describe, expect, it } from 'vitest'
import { folderOf, nnlab } from './support.ts'

const CONFIG = `
name: people
data:
  type: csv
  path: rows.csv
  target: label
  features:
    columns: [age, income, same, copy]
    transforms:
      age: {type: standard, missing: median}
  split: {test: 0.25, shuffle: false}
model: {input: [5], layers: [{type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam}
`
const CSV = `age,income,same,copy,label\n${Array.from({ length: 20 }, (_, i) => {
  const label = ['no', 'yes'][i % 2]
  return `${i === 3 ? '' : 20 + i},${40000 + 1000 * i},3,${label === 'yes' ? 'a' : 'b'},${label}`
}).join('\n')}\n`

const PICTURES = `
name: pictures
data:
  type: inline
  inputs: [[[0, 0, 0, 0], [0, 9, 9, 0], [0, 9, 9, 0], [0, 0, 0, 0]], [[9, 0, 0, 9], [0, 0, 0, 0], [0, 0, 0, 0], [9, 0, 0, 9]]]
  targets: [1, 0]
model: {input: [4, 4], layers: [flatten, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam}
`

describe('data', () => {
  it('shows columns, splits, labels and rows', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { code, stdout } = await nnlab(['data'], { cwd, columns: 120 })
    expect(code).toBe(0)
    expect(stdout).toContain('rows.csv: 20 rows, 5 columns')
    expect(stdout).toMatch(/│ age +│ feature │ +1 │ 20\.00 │ 39\.00 │/)
    expect(stdout).toMatch(/│ label +│ target +│/)
    expect(stdout).toContain('Splits: 15 rows for training, 0 for validation, 5 for testing')
    expect(stdout).toMatch(/│ yes +│ +7 │ +0 │ +3 │/)
    expect(stdout.match(/│ rows\.csv:\d+ /g)).toHaveLength(10)
  })

  it('warns at the keys that name the columns', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { stdout } = await nnlab(['data', '--json'], { cwd })
    const {
      diagnostics,
      ...document
    }: { diagnostics: { line: number; column: number; code: string; path: string }[] } = JSON.parse(stdout)
    expect(diagnostics.map(({ code, line, column, path }) => [code, line, column, path])).toEqual([
      ['constant-column', 8, 28, 'data.features.columns[2]'],
      ['scale', 8, 20, 'data.features.columns[1]'],
      ['leak', 8, 34, 'data.features.columns[3]'],
    ])
    expect(document).toMatchObject({
      source: 'rows.csv',
      rows: 20,
      splits: { train: 15, validation: 0, test: 5 },
      labels: { dense: { no: { train: 8, validation: 0, test: 2 } } },
    })
  })

  it.each([
    ['is missing', ''],
    ['is wrong', 'model: {layers: [{type: dens}]}\ncompile: {loss: mse}\n'],
    [
      'has no place for the rows',
      'model: {input: [2], layers: [{type: dense, units: 1}], outputs: nowhere}\n',
    ],
  ])('needs no model: where it %s, inputs and outputs are inferred', async (_, rest) => {
    const config = `${CONFIG.slice(0, CONFIG.indexOf('model:'))}${rest}`
    const cwd = await folderOf({ 'nnlab.yaml': config, 'rows.csv': CSV })
    const { code, stdout, stderr } = await nnlab(['data', '--json'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(
      /^note: the rest of the config has \d errors? \(see nnlab validate\): inputs and outputs of the model are inferred from the rows\n$/,
    )
    expect(JSON.parse(stdout)).toMatchObject({
      splits: { train: 15, validation: 0, test: 5 },
      labels: { output: { no: { train: 8, test: 2 } } },
    })
  })

  it('says what is wrong with the data section, which it does need', async () => {
    const cwd = await folderOf({
      'nnlab.yaml': 'data: {type: csv, path: rows.csv}\nmodel: {}\n',
      'rows.csv': CSV,
    })
    const { code, stderr } = await nnlab(['data'], { cwd })
    expect(code).toBe(3)
    expect(stderr).toContain('target is missing')
  })

  it.each<[string, string[], string]>([
    ['a value that is missing', ['data.features.transforms={}'], '8:15 warning missing-values'],
    [
      'a label with one row',
      ['data.path=rare.csv'],
      '6:3 warning rare-label: the label maybe has only one row',
    ],
  ])('warns of %s', async (_, set, message) => {
    const rare = CSV.replace(/,(b|a),(no|yes)\n$/, ',b,maybe\n')
    const config = CONFIG.replace('units: 1, activation: sigmoid', 'units: 3, activation: softmax').replace(
      'binary_crossentropy',
      'categorical_crossentropy',
    )
    const cwd = await folderOf({ 'nnlab.yaml': config, 'rows.csv': CSV, 'rare.csv': rare })
    const { stderr } = await nnlab(['data', ...set.flatMap((one) => ['--set', one])], { cwd })
    expect(stderr).toContain(message)
  })

  it('says nothing of scale where the model scales its input itself', async () => {
    const layers = 'layers: [batch_normalization, {type: dense'
    const cwd = await folderOf({
      'nnlab.yaml': CONFIG.replace('layers: [{type: dense', layers),
      'rows.csv': CSV,
    })
    const { stderr } = await nnlab(['data'], { cwd })
    expect(stderr).toContain('warning leak')
    expect(stderr).not.toContain('warning scale')
  })

  it('shows the columns even where they do not fit the model, and ends with code 4', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG.replace('input: [5]', 'input: [7]'), 'rows.csv': CSV })
    const { code, stdout, stderr } = await nnlab(['data'], { cwd })
    expect(code).toBe(4)
    expect(stdout).toContain('These rows cannot be used for training')
    expect(stderr).toContain('takes 7 numbers per row (shape [7]), but the features give 5')
  })

  it('draws images in the colours that the terminal has', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': PICTURES })
    const draw = async (isTTY: boolean, env: Record<string, string>) =>
      (await nnlab(['data'], { cwd, isTTY, env })).stdout
    const letters = await draw(false, { COLORTERM: 'truecolor' })
    expect(letters).toContain('\n ==   =  =\n ==   =  =\n1     0\n')
    const noColor = { COLORTERM: 'truecolor', NO_COLOR: '1', COLUMNS: '200' }
    expect(await draw(true, noColor)).toBe(letters)
    expect(await draw(true, { TERM: 'xterm-256color' })).toContain('\u001b[38;5;16;48;5;231m▀')
    expect(await draw(true, { COLORTERM: 'truecolor' })).toContain('\u001b[38;2;0;0;0;48;2;255;255;255m▀')
  })
})
