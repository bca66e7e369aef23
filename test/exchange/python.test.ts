import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it } from 'vitest'
import * as z from 'zod'

import { findPython, pythonPackages } from '../../bench/peers/available.ts'
import { exportCheck } from '../../src/exchange/keras/check.ts'
import { keras } from '../../src/exchange/keras/index.ts'
import { pythonProgram, runInPython } from '../../src/exchange/python.ts'
import { modelToExport } from './model.ts'

const python = findPython()
const hasKeras = python !== undefined && pythonPackages(python, ['keras']).has('keras')
const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0

it.skipIf(!hasNumpy || process.platform === 'win32')(
  'a check ends with whoever started it, in whatever way that ends (needs numpy)',
  async () => {
    const program = pythonProgram({
      program: 'none',
      compares: 'weights',
      imports: 'print("begun", flush=True)',
      version: '""',
      run: 'time.sleep(600)',
    })
    const asker = spawn('sh', ['-c', 'python3 -c "$0"; true', program])
    asker.stdin.write('{"path": "", "inputs": [], "names": []}\n')
    // The check writes to the stderr that it has from its asker, which ends when both have.
    await once(asker.stderr, 'data')
    asker.kill('SIGKILL')
    await once(asker, 'close')
    expect(asker.signalCode).toBe('SIGKILL')
  },
)

it.skipIf(!hasNumpy)('a failed check tells why, not where in the graph (needs numpy)', async () => {
  const check = {
    program: 'none',
    compares: 'weights',
    imports: 'pass',
    version: '""',
    run: 'raise ValueError("Graph execution error:\\n\\nno such convolution\\n\\t [[{{node layer/conv}}]] [Op:run]")',
  } as const
  const answer = await runInPython(['python3'], check, { path: '', inputs: [], names: [] })
  expect(answer).toEqual({ failed: 'ValueError: no such convolution' })
})

it.skipIf(!hasKeras)(
  'Keras predicts what operators of TensorFlow lack (needs Keras)',
  async () => {
    const layer = { type: 'conv2d_transpose', filters: 2, kernel_size: 2, dilation_rate: 2 }
    const { file } = z
      .object({ file: z.array(z.instanceof(Uint8Array)) })
      .parse(
        keras.write(modelToExport({ input: [3, 3, 1], layers: [layer] }), (what) => expect.unreachable(what)),
      )
    const folder = await mkdtemp(join(tmpdir(), 'nnlab-keras-'))
    try {
      const path = join(folder, 'model.keras')
      await writeFile(path, Buffer.concat(file))
      const inputs = [{ name: 'input', shape: [2, 3, 3, 1], data: new Float32Array(18) }]
      const answer = await runInPython([python ?? ''], exportCheck, { path, inputs, names: ['output'] })
      expect(answer).toMatchObject({ outputs: [new Float32Array(2 * 5 * 5 * 2)] })
    } finally {
      await rm(folder, { recursive: true })
    }
  },
  120_000,
)
