import { createHash, randomUUID } from 'node:crypto'
import {
  cp,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

import { runs } from '../runs.ts'
import { nnlab } from './support.ts'

/** How many folders are tried. */
const FOLDERS = runs(20)

const CONFIG = `
name: xor
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0]}
model: {input: [2], layers: [{type: dense, units: 2, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam}
fit: {epochs: 4}
checkpoint: {every: 1 epoch, keep: 2}
`

let made = ''
beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'nnlab-foreign-'))
  await writeFile(join(made, 'nnlab.yaml'), CONFIG)
  const fork = [
    'train',
    'nnlab.yaml',
    '--fork',
    'plain',
    '--set',
    'fit.epochs=6',
    '--run-dir',
    'forked',
    '--quiet',
  ]
  expect((await nnlab(['train', '--run-dir', 'plain', '--quiet'], { cwd: made })).code).toBe(0)
  expect((await nnlab(fork, { cwd: made })).code).toBe(0)
}, 60_000)
afterAll(() => rm(made, { recursive: true }))

/** Every file and link below a folder, with what is in it. */
async function contents(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = await Promise.all(
    entries.map(async (entry): Promise<[string, string]> => {
      const path = join(entry.parentPath, entry.name)
      const name = relative(folder, path)
      if (entry.isSymbolicLink()) return [name, `-> ${await readlink(path)}`]
      if (entry.isDirectory()) return [name, '/']
      return [
        name,
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ]
    }),
  )
  return new Map(found)
}

/** Files that a run has itself. */
const own = fc.constantFrom(
  ...[
    'run.json',
    'spec.json',
    'config.yaml',
    'history.csv',
    'events.jsonl',
    'model/model.json',
    'model/weights.bin',
  ],
  ...['00003-000000', '00004-000000'].flatMap((name) =>
    ['manifest.json', 'state.json', 'arrays.bin'].map((file) => `checkpoints/${name}/${file}`),
  ),
  ...['base/manifest.json', 'base/arrays.bin'],
)

/** Names that nnlab may come across or want itself. */
const foreign = fc.constantFrom(
  ...[
    'notes.txt',
    'checkpoints/notes.txt',
    'checkpoints/my.part-1.zip',
    'model/keep.h5',
    'model/more/x',
    'base/mine',
  ],
  ...['checkpoints/00005-000000/mine.pt', 'checkpoints/00005-000000/state.json', 'checkpoints/00006-000000'],
  ...[
    'checkpoints/00004-000000/mine.pt',
    'checkpoints/00004-000000/.mine',
    'checkpoints/00003-000000.part-old',
  ],
  ...['checkpoints/00002-000000.part-1/arrays.bin', 'checkpoints/00001-000000/manifest.json'],
  ...[
    'run.lock',
    'run.lock.taking',
    'run.json.part-1',
    'model/model.json.part-1',
    'latest',
    'best/model.json',
  ],
  ...['checkpoints/00003-000000.part-old-1/state.json', 'model.part-1/model.json', 'checkpoints.part-1/x'],
)

type Change = (run: string) => Promise<string[]>

/** A change of a run folder; returns the paths of what is foreign after it. */
const changes: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(foreign, fc.constantFrom('', 'mine\n', '{}', '{"format": "mine"}'))
    .map(([name, text]) => async (run: string) => {
      // A file that is there is the run's: with other bytes it is damaged.
      const isOwn = await lstat(join(run, name)).catch(() => undefined)
      await mkdir(dirname(join(run, name)), { recursive: true })
      await writeFile(join(run, name), text)
      // Where power fails, a lock may lose its text.
      const isLock = text === '' && name.startsWith('run.lock')
      return isOwn || isLock ? [] : [name]
    }),
  fc.tuple(own, fc.nat(2000)).map(([name, length]) => async (run: string) => {
    const size = await lstat(join(run, name)).then(
      ({ size }) => size,
      () => 0,
    )
    if (size > 0) await truncate(join(run, name), length % size)
    return []
  }),
  fc.tuple(own, fc.nat(2000)).map(([name, place]) => async (run: string) => {
    const bytes = await readFile(join(run, name)).catch(() => Buffer.alloc(0))
    if (bytes.length === 0) return []
    bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ 1
    await writeFile(join(run, name), bytes)
    return []
  }),
  fc.constantFrom('run.json', 'model/model.json').map((name) => async (run: string) => {
    const text = await readFile(join(run, name), 'utf8').catch(() => '')
    if (text !== '') await writeFile(join(run, name), text.replace(/"format": ?1/, '"format": 9'))
    return []
  }),
  own.map((name) => async (run: string) => {
    if (!(await lstat(join(run, name)).catch(() => undefined))) return []
    await rm(join(run, name), { recursive: true })
    await writeFile(join(run, '..', 'mine'), 'mine')
    await symlink(join(run, '..', 'mine'), join(run, name))
    return [name]
  }),
  own.map((name) => async (run: string) => {
    // A backup made of hard links.
    await link(join(run, name), join(run, '..', 'linked'))
    return ['../linked']
  }),
  fc
    .constantFrom('checkpoints', 'model', 'history.csv', 'run.json', 'base')
    .map((name) => async (run: string) => {
      await rm(join(run, name), { recursive: true, force: true })
      if (name.includes('.')) await mkdir(join(run, name))
      else await writeFile(join(run, name), 'mine')
      return [name]
    }),
  fc.constant(async (run: string) => {
    const id = /"id": "(.*?)"/.exec(await readFile(join(run, 'run.json'), 'utf8').catch(() => ''))?.[1] ?? ''
    const half = join(run, `checkpoints/00004-000000.part-${id}${randomUUID()}`)
    await mkdir(half, { recursive: true }).catch(() => undefined)
    await writeFile(join(half, 'arrays.bin'), 'half').catch(() => undefined)
    return []
  }),
)

const commands = fc.constantFrom(
  ...[
    ['train', '--resume', 'run'],
    ['train', '--resume', 'run', '--set', 'fit.epochs=9'],
    ['train', 'nnlab.yaml', '--resume', 'run', '--set', 'fit.epochs=9'],
    ['train', '--run-dir', 'run'],
    ['train', '--run-dir', 'run', '--update'],
    ['train', '--run-dir', 'run', '--update', '--set', 'seed=3'],
    ['train', 'nnlab.yaml', '--fork', 'run', '--set', 'fit.epochs=9'],
    ['verify', 'run'],
    ['evaluate', 'run'],
  ].map((argv) => [...argv, '--quiet']),
  ['runs', '.'],
)

const caught = { refused: 0, done: 0 }

it('what nnlab did not write is never changed or removed', { timeout: FOLDERS * 3000 + 20_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('plain', 'forked'),
      fc.array(changes, { minLength: 1, maxLength: 3 }),
      commands,
      async (kind, changed, argv) => {
        const cwd = await mkdtemp(join(made, 'try-'))
        const run = join(cwd, 'run')
        await writeFile(join(cwd, 'nnlab.yaml'), CONFIG)
        await cp(join(made, kind), run, { recursive: true })
        const kept = new Set(['../mine', '../nnlab.yaml'])
        // A change may not fit to the one before it.
        for (const change of changed) for (const name of await change(run).catch(() => [])) kept.add(name)
        const before = await contents(cwd)
        const { code, stderr } = await nnlab(argv, { cwd })
        const after = await contents(cwd)
        expect({ code: [0, 6].includes(code) ? 'fine' : code, stderr }).toEqual({
          code: 'fine',
          stderr: expect.not.stringMatching(/bug|\n {4}at /),
        })
        for (const name of kept) {
          const path = join('run', name)
          expect([path, after.get(path)]).toEqual([path, before.get(path)])
        }
        const reads = ['verify', 'evaluate', 'runs'].includes(argv[0] ?? '')
        if (code === 6 || reads) expect(after).toEqual(before)
        if (argv.includes('--fork')) {
          const within = ([name]: [string, string]): boolean => name.startsWith('run/')
          expect([...after].filter(within)).toEqual([...before].filter(within))
        }
        caught[code === 0 ? 'done' : 'refused'] += 1
        await rm(cwd, { recursive: true })
      },
    ),
    { numRuns: FOLDERS, seed: 14 },
  )
  expect(caught.done).toBeGreaterThan(FOLDERS / 20)
  expect(caught.refused).toBeGreaterThan(FOLDERS / 20)
})

it('checkpoints that are kept elsewhere, behind a link, stay there when a run is replaced', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'nnlab-linked-'))
  onTestFinished(() => rm(cwd, { recursive: true }))
  await cp(join(made, 'plain'), join(cwd, 'run'), { recursive: true })
  await writeFile(join(cwd, 'nnlab.yaml'), CONFIG)
  await rename(join(cwd, 'run/checkpoints'), join(cwd, 'elsewhere'))
  await symlink(join(cwd, 'elsewhere'), join(cwd, 'run/checkpoints'))
  for (const how of [
    ['--update', '--run-dir', 'run', '--set', 'seed=3'],
    ['--resume', 'run', '--set', 'fit.epochs=6'],
  ])
    expect(await nnlab(['train', ...how, '--quiet'], { cwd })).toMatchObject({ code: 0 })
  expect(await readlink(join(cwd, 'run/checkpoints'))).toBe(join(cwd, 'elsewhere'))
  expect(await readdir(join(cwd, 'elsewhere'))).toEqual(['00005-000000', '00006-000000'])
})
