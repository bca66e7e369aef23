import { spawnSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { commands } from '../../src/cli/commands/index.ts'
import { SmallDisk } from '../e2e/full-disk/small-disk.ts'
import { nnlab } from './support.ts'

const CONFIG = `name: net
data: {type: csv, path: rows.csv, target: y, split: {test: 0.25}}
model: {layers: [{type: dense, units: 1}]}
compile: {loss: mean_squared_error, optimizer: sgd}
fit: {epochs: 1}
`
const ROWS = `x,y\n${Array.from({ length: 12 }, (_, i) => `${i / 8},${i / 4}\n`).join('')}`

/** Nothing that an export is compared with. */
const env = { NNLAB_PYTHON: '/nowhere' }

let cwd = ''
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'nnlab-'))
  const files = {
    'nnlab.yaml': CONFIG,
    'other.yaml': CONFIG.replace('net', 'other'),
    'runs/other': 'a file',
    'rows.csv': ROWS,
    'new.csv': ROWS,
  }
  await mkdir(join(cwd, 'runs'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text)
  await symlink('new.csv', join(cwd, 'link.csv'))
  await symlink('nnlab.yaml', join(cwd, 'linked.yaml'))
  await symlink('run/checkpoints/00001-000000/state.json', join(cwd, 'state.json'))
  const commands = [
    ['train'],
    ['train', '--run-dir', 'run'],
    ['train', '--seeds', '2'],
    ['export', '--format', 'keras', '-o', 'net.keras'],
  ]
  for (const argv of commands)
    expect(await nnlab([...argv, '--quiet'], { cwd, env })).toMatchObject({ code: 0 })
}, 60_000)
afterAll(() => rm(cwd, { recursive: true }))

/** Command lines that cannot write, and the advice that each gets. */
const REFUSED: readonly [advice: string, argv: readonly string[]][] = [
  ...[
    ['predict', 'run', 'new.csv', '-o', 'gone/out.csv'],
    ['report', 'run', '-o', 'gone/out.html'],
    ['summary', 'nnlab.yaml', '-o', 'gone/out.svg'],
    ['lr-find', '-o', 'gone/out.svg'],
    ['export', 'run', '--format', 'onnx', '-o', 'gone/out.onnx'],
    ['export', 'run', '--format', 'tfjs', '-o', 'gone/out'],
    ['import', 'net.keras', '-o', 'gone/in.yaml'],
  ].map((argv): [string, string[]] => [
    'create it and try again, or choose another path with --output',
    argv,
  ]),
  [
    'create it and try again, or choose another path with --predictions',
    ['evaluate', 'run', '--predictions', 'gone/out.csv'],
  ],
  ['create it and try again, or name another file', ['init', 'gone/new.yaml']],
  ['create it and try again, or name another file', ['init', 'gone/iris.yaml', '--example', 'iris']],
  ['move it and try again, or choose another path with --run-dir', ['train', 'other.yaml']],
  [
    'move that file and try again, or choose another path with --run-dir',
    ['train', '--run-dir', 'new.csv/run'],
  ],
  ...[
    ['train', 'other.yaml', '--seeds', '2'],
    ['cv', 'other.yaml', '--folds', '2'],
    ['sweep', 'other.yaml', 'fit.epochs=1,2', '--set', 'data.split.validation=0.25'],
  ].map((argv): [string, string[]] => ['move it and try again, or start in another folder', argv]),
]

describe('who cannot write', () => {
  it.each(REFUSED)('is told to %s: %j', async (advice, argv) => {
    const before = await readdir(cwd)
    const { code, stderr } = await nnlab(
      [...argv, ...(['init', 'summary'].includes(argv[0] ?? '') ? [] : ['--quiet'])],
      { cwd, env },
    )
    expect(stderr).toMatch(/^error: cannot write .*: (its folder is not there|.* is (a file|in the way))\n/)
    expect(stderr.trimEnd().split('\n').slice(1).join(' ').replaceAll(/\s+/g, ' ')).toBe(` = ${advice}`)
    expect(code).toBe(6)
    expect(await readdir(cwd)).toEqual(before)
  })

  it('is told to write the learning rate, where the config has no room', async () => {
    const { files } = new SmallDisk(0, () => undefined)
    const { code, stderr } = await nnlab(['lr-find', '--write', '--quiet'], { cwd, files })
    expect(stderr).toMatch(
      /the disk is full\n {2}= make room and try again, or write compile\.optimizer\.learning_rate: /,
    )
    expect(code).toBe(6)
  })

  it('uses one of the commands above, or one that writes nothing', () => {
    const writing = new Set(REFUSED.map(([, [name]]) => name))
    const others = commands.flatMap(({ name }) => (writing.has(name) ? [] : [name]))
    expect(others).toEqual([
      'validate',
      'data',
      'board',
      'serve',
      'runs',
      'diff',
      'verify',
      'explain',
      'schema',
      'doctor',
      'completion',
    ])
  })
})

describe('a result is not written over', () => {
  it.each([
    ['the rows, named by a pattern', 'new.csv', ['predict', 'run', 'n*.csv', '-o']],
    ['the rows, behind a link', 'link.csv', ['predict', 'run', 'new.csv', '-o']],
    ['the rows that the model was trained on', 'rows.csv', ['predict', 'run', 'new.csv', '-o']],
    ['the rows that are evaluated', 'rows.csv', ['evaluate', 'run', '--predictions']],
    ['the rows that are reported', 'rows.csv', ['report', 'run', '--format', 'md', '-o']],
    ['the rows of reported seeds', 'rows.csv', ['report', 'runs/net/seeds-001', '--format', 'md', '-o']],
    ['the config that is reported', 'nnlab.yaml', ['report', '--format', 'md', 'nnlab.yaml', '-o']],
    ['the config of a run', 'nnlab.yaml', ['report', 'run', '--format', 'json', '-o']],
    ['a record', 'run/run.json', ['predict', 'run', 'new.csv', '-o']],
    ['a record of another run', 'run/run.json', ['report', 'nnlab.yaml', '-o']],
    ['a checkpoint', 'run/checkpoints/00001-000000/state.json', ['predict', 'run', 'new.csv', '-o']],
    ['a checkpoint, behind a link', 'state.json', ['report', 'run', '--format', 'md', '-o']],
    ['the record of seeds', 'runs/net/seeds-001/seeds.json', ['report', 'run', '--format', 'json', '-o']],
    ['the spec of seeds', 'runs/net/seeds-001/spec.json', ['predict', 'run', 'new.csv', '-o']],
    ['a model', 'run/model/model.json', ['summary', 'nnlab.yaml', '-o']],
    ['the weights of a model', 'run/model/weights.bin', ['export', 'run', '--format', 'onnx', '-o']],
    ['the config of an exported model', 'nnlab.yaml', ['export', '--format', 'onnx', '-o']],
    ['a summarized config', 'nnlab.yaml', ['summary', '--format', 'json', '-o']],
    ['a config whose rates are tried', 'nnlab.yaml', ['lr-find', '--format', 'json', '-o']],
    ['the rows of a config whose rates are tried', 'rows.csv', ['lr-find', '--format', 'json', '-o']],
    ['the rows of a summarized config', 'rows.csv', ['summary', '--format', 'json', '-o']],
    [
      'the rows that --set names',
      'new.csv',
      ['summary', '--set', 'data.path=new.csv', '--format', 'json', '-o'],
    ],
    ['an imported model', 'net.keras', ['import', 'net.keras', '--force', '-o']],
    ['the rows that a config is to fit', 'nnlab.yaml', ['init', '--data', 'nnlab.yaml', '--force']],
  ])('%s', async (_, output, argv) => {
    const before = await readFile(join(cwd, output))
    const { code, stderr } = await nnlab([...argv, output], { cwd, env })
    expect(stderr).toMatch(/is (a file that is read|a part of a run)\n {2}= name another/)
    expect(code).toBe(2)
    expect(await readFile(join(cwd, output))).toEqual(before)
  })
})

it.skipIf(process.platform === 'win32').each([
  ['predictions', 2, ['predict', 'run', 'new.csv', '--format', 'csv', '-o']],
  ['a report', 2, ['report', 'run', '--format', 'md', '-o']],
  ['an exported model', 6, ['export', 'run', '--format', 'onnx', '-o']],
  ['an exported folder', 2, ['export', 'run', '--format', 'tfjs', '-o']],
  ['an imported config', 6, ['import', 'net.keras', '--force', '-o']],
  ['a new config', 6, ['init', '--force']],
] as const)('is not written over a pipe or a device: %s', async (_, wanted, argv) => {
  const pipe = join(cwd, 'pipe')
  await rm(pipe, { force: true })
  spawnSync('mkfifo', [pipe])
  const { code, stderr } = await nnlab([...argv, 'pipe'], { cwd, env })
  expect(stderr).toMatch(/not a plain file|not a file|not a folder/)
  expect(code).toBe(wanted)
  expect((await lstat(pipe)).isFIFO()).toBe(true)
  expect((await readdir(cwd)).filter((name) => name.includes('.part-') || name === 'pipe-model')).toEqual([])
})

it('import leaves no model behind where a folder is in the way of its config', async () => {
  const folder = await mkdtemp(join(cwd, 'import-'))
  await mkdir(join(folder, 'in.yaml'))
  await symlink('in.yaml', join(folder, 'to.yaml'))
  const argv = ['import', 'net.keras', '--force', '-o', join(folder, 'to.yaml')]
  expect(await nnlab(argv, { cwd, env })).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('a folder of that name is in the way') as unknown,
  })
  expect((await readdir(folder)).sort()).toEqual(['in.yaml', 'to.yaml'])
})

it('a result of before is replaced, in the folder of a run too', async () => {
  for (let time = 0; time < 2; time++) {
    const argv = ['predict', 'run', 'new.csv', '--quiet', '-o', 'run/predicted.csv']
    expect(await nnlab(argv, { cwd })).toMatchObject({ code: 0, stderr: '' })
  }
})

it('a learning rate is written into the config that a link leads to', async () => {
  expect(await nnlab(['lr-find', 'linked.yaml', '--write', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  expect((await lstat(join(cwd, 'linked.yaml'))).isSymbolicLink()).toBe(true)
  expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toContain('optimizer: {type: sgd, learning_rate:')
})

it.each([
  ['predictions', 'csv', ['predict', 'run', 'new.csv', '--format', 'csv', '-o']],
  ['evaluated rows', 'csv', ['evaluate', 'run', '--format', 'json', '--predictions']],
  ['an exported model', 'onnx', ['export', 'run', '--format', 'onnx', '-o']],
  ['an imported config', 'yaml', ['import', 'net.keras', '--force', '-o']],
  ['a new config', 'yaml', ['init', '--force']],
] as const)('is written where a link leads: %s', async (_, ending, argv) => {
  const folder = await mkdtemp(join(cwd, 'links-'))
  await writeFile(join(folder, `there.${ending}`), 'old')
  for (const target of [`there.${ending}`, `not-yet.${ending}`]) {
    const link = join(folder, `to-${target}`)
    await symlink(target, link)
    const [name, ...rest] = argv
    expect(await nnlab([name, ...rest, link], { cwd, env })).toMatchObject({ code: 0 })
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect((await readFile(join(folder, target), 'utf8')).length).toBeGreaterThan(10)
  }
})
