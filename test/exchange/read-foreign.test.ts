import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { importModel } from '../../src/core/import-model.ts'
import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { NnlabError } from '../../src/errors.ts'
import { readImported } from '../../src/exchange/imported-model.ts'
import { taskOf } from '../../src/experiment/task.ts'
import { loadModel, modelFiles } from '../../src/run/model-files.ts'
import type { SavedModel } from '../../src/run/model-files.ts'
import { folderOf as emptyFolder } from '../cli/support.ts'
import { expectClose, readGolden, tensorSchema } from '../golden/golden.ts'
import { runs } from '../runs.ts'
import { modelToExport } from './model.ts'

const golden = readGolden(
  'imports',
  z.object({
    cases: z.array(z.object({ file: z.string(), inputs: z.array(tensorSchema), predictions: tensorSchema })),
  }),
)
async function folderOf(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const folder = await emptyFolder()
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url))

type Tensor = z.output<typeof tensorSchema>

async function predicted(model: SavedModel, inputs: readonly Tensor[]): Promise<Float32Array> {
  const session = openCompiledEngine({ arithmetic: 'auto', threads: 1 }).open(taskOf(model), model.weights)
  try {
    const rows = inputs[0]?.shape[0] ?? 0
    const encoded = {
      rows,
      inputs: model.graph.inputs.map(({ name, shape }, i) => ({
        name,
        shape,
        data: Float32Array.from(inputs[i]?.data ?? []),
      })),
      targets: [],
      sourceRow: new Uint32Array(rows),
    }
    return (await session.predict(encoded, rows)).get(model.graph.outputs[0] ?? '') ?? new Float32Array()
  } finally {
    session.dispose()
  }
}

describe('an HDF5 file of Keras', () => {
  it.each(golden.cases)(
    'is a config, and predicts the same: $file',
    async ({ file, inputs, predictions }) => {
      const cwd = await folderOf()
      const found = await importModel({ file: join(GOLDEN, file), output: 'm.yaml', cwd, python: '/nowhere' })
      expect(await readFile(found.config, 'utf8')).toMatchSnapshot()
      expectClose(await predicted(await loadModel(found.model), inputs), predictions.data)
    },
  )

  it('of weights alone says so', async () => {
    const bytes = await readFile(join(GOLDEN, 'older.h5'))
    const renamed = Buffer.from(bytes.toString('latin1').replace('model_config', 'modelXconfig'), 'latin1')
    const cwd = await folderOf({ 'w.h5': renamed })
    await expect(readImported(join(cwd, 'w.h5'), 'w.h5')).rejects.toThrow(
      'w.h5 holds weights without a model',
    )
  })

  it('is read or refused, whichever of its bytes are changed or cut off', async () => {
    const files = await Promise.all(golden.cases.map(({ file }) => readFile(join(GOLDEN, file))))
    const path = join(await folderOf(), 'changed.h5')
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat()),
        async (file, changes, end) => {
          const bytes = Buffer.from(file.subarray(0, end === null ? file.length : end % file.length))
          for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
          await writeFile(path, bytes)
          await readImported(path, 'changed.h5').catch((error: unknown) => {
            expect(error).toBeInstanceOf(NnlabError)
          })
        },
      ),
      { numRuns: runs(100) },
    )
  })
})

const SMALL = {
  inputs: { a: [3], b: [3] },
  layers: [
    { name: 'm', type: 'model', from: 'a', layers: [{ type: 'dense', units: 3 }, 'batch_normalization'] },
    { name: 'n', type: 'shared', with: 'm', from: 'b' },
    { name: 'y', type: 'concatenate', from: ['m', 'n'] },
  ],
}
const ROWS = [0, 1].map((i) => ({ shape: [2, 3], data: [1, 2, 3, -1, 0, 2].map((x) => x / (i + 1)) }))

describe('a LayersModel of TensorFlow.js', () => {
  const model = modelToExport(SMALL)
  const { files } = modelFiles(model)
  const json: unknown = JSON.parse(String(files.get('model.json')))
  const weights = Buffer.from(files.get('weights.bin') ?? '')

  it('predicts the same, from its folder or its model.json', async () => {
    const cwd = await folderOf({ 'weights.bin': weights, 'model.json': JSON.stringify(json) })
    const wanted = await predicted(model, ROWS)
    for (const path of [cwd, join(cwd, 'model.json')]) {
      const { saved } = await readImported(path, 'it')
      expectClose(await predicted(saved, ROWS), [...wanted])
    }
  })

  it('may have its weights in several files, and with fewer bits', async () => {
    const { modelTopology, weightsManifest } = z
      .object({
        modelTopology: z.record(z.string(), z.unknown()),
        weightsManifest: z.tuple([
          z.object({ weights: z.array(z.object({ name: z.string(), shape: z.array(z.number()) })) }),
        ]),
      })
      .parse(json)
    const quantized = weightsManifest[0].weights.map((entry) => ({
      ...entry,
      dtype: 'float32',
      quantization: { dtype: 'uint8', scale: 0.5, min: -1 },
    }))
    const count = weights.length / 4
    const bytes = Buffer.from(Array.from({ length: count }, (_, i) => i % 7))
    const cwd = await folderOf({
      'model.json': JSON.stringify({
        modelTopology: { model_config: modelTopology },
        weightsManifest: [{ paths: ['a.bin', 'b.bin'], weights: quantized }],
      }),
      'a.bin': bytes.subarray(0, 5),
      'b.bin': bytes.subarray(5),
    })
    const { saved } = await readImported(cwd, 'it')
    const [kernel] = saved.weights.values()
    expect([...(kernel ?? [])]).toEqual(Array.from({ length: 9 }, (_, i) => 0.5 * (i % 7) - 1))
  })

  it('has its weights beside it, and all of them', async () => {
    const cut = await folderOf({ 'weights.bin': weights.subarray(0, -1), 'model.json': JSON.stringify(json) })
    await expect(readImported(cut, 'it')).rejects.toThrow(/it: its weights end before /)
    const outside = JSON.stringify(json).replace('"weights.bin"', '"../weights.bin"')
    await expect(readImported(await folderOf({ 'model.json': outside }), 'it')).rejects.toThrow(
      'it: its weights are not beside it, but in ../weights.bin',
    )
  })

  it('is read or refused, whatever its JSON says', async () => {
    const folder = join(await folderOf(), 'changed')
    await mkdir(folder)
    await writeFile(join(folder, 'weights.bin'), weights)
    const text = JSON.stringify(json)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.constantFrom('', '0', '-1', '9', '[', '"', 'null', '1e99'),
        async (at, put) => {
          const place = at % text.length
          await writeFile(join(folder, 'model.json'), `${text.slice(0, place)}${put}${text.slice(place + 1)}`)
          await readImported(folder, 'changed').catch((error: unknown) => {
            expect(error).toBeInstanceOf(NnlabError)
          })
        },
      ),
      { numRuns: runs(100) },
    )
  })
})

it('what is no model is refused', async () => {
  const cwd = await folderOf({
    'a.txt': 'hello',
    'graph.json': '{"format": "graph-model", "modelTopology": {"node": [], "library": {}}}',
    'empty.json': '{"modelTopology": {}}',
    'cut.json': '{"modelTopology": {',
  })
  await expect(readImported(join(cwd, 'graph.json'), 'graph.json')).rejects.toThrow(
    'graph.json is a GraphModel of TensorFlow.js',
  )
  await expect(readImported(join(cwd, 'empty.json'), 'empty.json')).rejects.toThrow(
    'empty.json holds no model of Keras',
  )
  await expect(readImported(join(cwd, 'cut.json'), 'cut.json')).rejects.toThrow('cut.json is not valid JSON')
  await expect(readImported(join(cwd, 'a.txt'), 'a.txt')).rejects.toThrow(
    'a.txt is not a model that nnlab reads',
  )
  await expect(readImported(join(cwd, 'no.h5'), 'no.h5')).rejects.toThrow('there is no file no.h5')
})
