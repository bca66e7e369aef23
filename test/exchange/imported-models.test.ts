import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { readImported } from '../../src/exchange/imported-model.ts'
import { taskOf } from '../../src/experiment/task.ts'
import { expectClose, tensorSchema } from '../golden/golden.ts'

const PYTHON = join(
  process.env['NNLAB_PEERS'] ?? fileURLToPath(new URL('../../bench/.peers', import.meta.url)),
  'bin',
  'python',
)
const SCRIPT = fileURLToPath(new URL('../golden/imported_models.py', import.meta.url))

const casesSchema = z.record(
  z.string(),
  z.object({ inputs: z.array(tensorSchema), outputs: z.array(tensorSchema) }),
)

describe.skipIf(!existsSync(PYTHON))(
  'models like those of public examples (needs Keras: npm run peers)',
  () => {
    let folder = ''
    let cases: z.output<typeof casesSchema> = {}

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'nnlab-imported-'))
      execFileSync(PYTHON, [SCRIPT, folder], { stdio: 'ignore' })
      cases = casesSchema.parse(JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')))
    }, 300_000)
    afterAll(() => rm(folder, { recursive: true, force: true }))

    it.each(['.keras', '.h5'])(
      'are imported from %s files and predict the same',
      async (ending) => {
        expect(Object.keys(cases).length).toBe(20)
        for (const [name, { inputs, outputs }] of Object.entries(cases)) {
          const { saved } = await readImported(join(folder, `${name}${ending}`), name)
          const session = openCompiledEngine({ arithmetic: 'auto', threads: 1 }).open(
            taskOf(saved),
            saved.weights,
          )
          const rows = inputs[0]?.shape[0] ?? 0
          const encoded = {
            rows,
            inputs: saved.graph.inputs.map((input, i) => ({
              ...input,
              data: Float32Array.from(inputs[i]?.data ?? []),
            })),
            targets: [],
            sourceRow: new Uint32Array(rows),
          }
          const predicted = await session.predict(encoded, rows)
          session.dispose()
          for (const [i, output] of saved.graph.outputs.entries())
            expectClose(predicted.get(output) ?? [], outputs[i]?.data ?? [])
        }
      },
      300_000,
    )
  },
)
