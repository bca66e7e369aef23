import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readImported } from '../../src/exchange/imported-model.ts'
import { formats } from '../../src/exchange/index.ts'
import type { SavedModel } from '../../src/run/model-files.ts'
import { PREPROCESSING_VERSION } from '../../src/runtime/preprocessing.ts'
import { randomSpecs } from '../parity/random-spec.ts'
import type { RandomSpec } from '../parity/random-spec.ts'
import { partsThatDiffer, specOf } from '../parity/round-trip.ts'

test('random models come back from a .keras file with their layers, compile section and weights', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nnlab-round-trip-'))
  const path = join(folder, 'model.keras')
  const others: string[] = []
  for (const spec of randomSpecs(40, 1)) {
    const model = modelOf(spec)
    writeFileSync(path, kerasFile(model, spec))
    const { saved } = await readImported(path, path)
    others.push(...partsThatDiffer(model, saved).map((part) => `spec ${spec.number}: ${part}`))
  }
  rmSync(folder, { recursive: true })
  expect(others).toEqual([])
})

function modelOf({ config, task, start }: RandomSpec): SavedModel {
  return {
    graph: task.graph,
    spec: specOf({ config }),
    weights: start,
    preprocessing: { version: PREPROCESSING_VERSION, inputs: [], outputs: [], missing: 'error' },
  }
}

function kerasFile(model: SavedModel, { task }: RandomSpec): Buffer {
  const refused: string[] = []
  const written = formats
    .find(({ type }) => type === 'keras')
    ?.write({ name: 'model', task, training: undefined, ...model }, (what) => void refused.push(what))
  expect(refused).toEqual([])
  if (written === undefined || !('file' in written)) throw new Error('a .keras file is one file')
  return Buffer.concat(written.file)
}
