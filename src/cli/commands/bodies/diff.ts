import { resolve } from 'node:path'

import { ExitCode, RunError } from '../../../errors.ts'
import { figure } from '../../../report/text/format.ts'
import { table } from '../../../report/text/table.ts'
import { readRun } from '../../../run/catalog.ts'
import type { StoredRun } from '../../../run/catalog.ts'
import { renderChanges, specChanges } from '../../../run/spec-changes.ts'
import type { Io } from '../../io.ts'
import { widthOf } from '../../io.ts'

export type DiffOptions = { readonly a: string; readonly b: string; readonly json: boolean }

/** Compares the configs and the figures of two runs. */
export async function diff({ a, b, json }: DiffOptions, io: Io): Promise<number> {
  const [first, second] = [await open(a, io), await open(b, io)]
  const spec = specChanges(first.spec, second.spec)
  const metrics = figuresOf(first, second)
  const sameWeights =
    first.record.weights_sha256 !== undefined && first.record.weights_sha256 === second.record.weights_sha256
  if (json) {
    io.stdout.write(`${JSON.stringify({ a, b, spec, metrics, same_weights: sameWeights })}\n`)
    return ExitCode.done
  }
  const rows = metrics.map(({ figure: name, a: x, b: y }) => [
    name,
    shown(x),
    shown(y),
    x === null || y === null ? '-' : shown(y - x),
  ])
  io.stdout.write(
    [
      spec.length === 0 ? 'the configs are the same\n' : `the configs differ:\n${renderChanges(spec)}`,
      rows.length === 0
        ? ''
        : `${table(['figure', a, b, 'difference'], rows, ['left', 'right', 'right', 'right'], widthOf(io.stdout))}\n`,
      `the weights are ${sameWeights ? 'the same, bit for bit' : 'not the same'}\n`,
    ].join(''),
  )
  return ExitCode.done
}

async function open(path: string, io: Io): Promise<StoredRun> {
  const run = await readRun(resolve(io.cwd, path))
  if (run !== undefined) return run
  throw new RunError(`${path} is not a run: it has no valid run.json`, {
    hint: '`nnlab runs` lists the runs',
  })
}

type Compared = { readonly figure: string; readonly a: number | null; readonly b: number | null }

function figuresOf({ record: a }: StoredRun, { record: b }: StoredRun): Compared[] {
  const compare = (x: Figures = {}, y: Figures = {}, prefix = ''): Compared[] =>
    [...new Set([...Object.keys(x), ...Object.keys(y)])].map((name) => ({
      figure: `${prefix}${name}`,
      a: x[name] ?? null,
      b: y[name] ?? null,
    }))
  return [...compare(a.metrics, b.metrics), ...compare(a.test, b.test, 'test_')]
}

type Figures = Readonly<Record<string, number | null>>

function shown(value: number | null): string {
  return value === null ? '-' : figure(value)
}
