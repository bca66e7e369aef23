import { describe, expect, it } from 'vitest'

import { circles } from './circles.ts'
import { importsOf, sourceFiles } from './source-files.ts'
import type { Import } from './source-files.ts'

/** The rooms of src/ from the top down; each imports those below it only. Files of src/ itself are the ground. */
const rooms = [
  'cli',
  'server',
  'core',
  'report',
  'sweep',
  'experiment',
  'exchange',
  'run',
  'train',
  'engine',
  'backend',
  'step',
  'data',
  'model',
  'spec',
  'components',
  'table',
  'runtime',
  'ir',
]

/** The order inside rooms that have one; the files of the room itself are `.`. */
const inside: Readonly<Record<string, readonly string[]>> = {
  backend: ['wasm', 'native', 'plan'],
  'backend/wasm': ['.', 'loop', 'kernels', 'emit', 'math', 'assembler'],
  data: ['inspect', 'prepare', 'split', 'fit', 'rows'],
  table: ['formats', 'columns', 'files', '.'],
  spec: ['.', 'check', 'schema', 'document'],
}

const files = sourceFiles()
const imports = files.flatMap((file) => importsOf(file))
const between = imports.filter(({ to }) => to.startsWith('src/'))
const show = ({ from, to }: Import): string => `${from} -> ${to}`

/** They write when something was; all else measures how long it takes, by a clock that nobody sets. */
const timesOfDay = [
  'src/components/callbacks/mlflow-client.ts',
  'src/components/callbacks/mlflow.ts',
  'src/components/callbacks/tensorboard.ts',
  'src/run/epoch-log.ts',
  'src/run/events-jsonl.ts',
]

it('durations do not depend on the time of day, which may jump', () => {
  expect(files.filter(({ tree }) => tree.text.includes('Date.now(')).map(({ path }) => path)).toEqual(
    timesOfDay,
  )
})

describe('imports in src/', () => {
  it('stand in rooms that the order names', () => {
    const unknown = files
      .map(({ path }) => roomOf(path, 'src'))
      .filter((room) => ![...rooms, '.'].includes(room))
    expect(unknown).toEqual([])
  })

  it('run downward between rooms', () => {
    expect(upward(between, 'src', [...rooms, '.'])).toEqual([])
  })

  it.each(Object.entries(inside))('run downward inside %s', (room, order) => {
    const folder = `src/${room}`
    const within = between.filter(({ from, to }) => [from, to].every((path) => path.startsWith(`${folder}/`)))
    expect(within.length).toBeGreaterThan(0)
    expect(upward(within, folder, order)).toEqual([])
  })

  it('form no circle', () => {
    expect(circles(between)).toEqual([])
  })

  it('reach the process in cli only', () => {
    const reaching = imports.filter(({ to }) => /^(node:)?process$/.test(to)).map(show)
    const globals = files.filter(({ globals }) => globals.has('process')).map(({ path }) => path)
    expect([...reaching, ...globals].filter((found) => !found.startsWith('src/cli/'))).toEqual([])
  })

  it('load a tensor library in engine/tfjs only', () => {
    const loading = imports.filter(
      ({ from, to }) => to.startsWith('@tensorflow/') && !from.startsWith('src/engine/tfjs/'),
    )
    expect(loading.map(show)).toEqual([])
  })
})

/** The part of a path below a folder that an order speaks of: the name of a folder, or `.` for a file in it. */
function roomOf(path: string, folder: string): string {
  const [first = '', ...rest] = path.slice(folder.length + 1).split('/')
  return rest.length === 0 ? '.' : first
}

/** Imports from a lower room to a higher one. */
function upward(imports: readonly Import[], folder: string, order: readonly string[]): string[] {
  const level = (path: string): number => order.indexOf(roomOf(path, folder))
  return imports.filter(({ from, to }) => level(to) < level(from)).map(show)
}
