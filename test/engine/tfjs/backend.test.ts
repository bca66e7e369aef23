import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { backendNames } from '../../../src/engine/tfjs/backend-names.ts'
import { loadBackend, probeBackends } from '../../../src/engine/tfjs/backend.ts'
import { UsageError } from '../../../src/errors.ts'
import { describeBackends, loadTimeout, tfjsNodeFolder } from './backends.ts'

const empty = mkdtempSync(join(tmpdir(), 'nnlab-'))
afterAll(() => rmSync(empty, { recursive: true }))

describeBackends((backend) => {
  test(
    'loads when it is asked for, with gradients, and says so',
    async () => {
      const { tf, name, version, reason } = await loadBackend({ backend, tfjsNodeFolder })
      expect({ name, version, reason }).toEqual({ name: backend, version: '4.22.0', reason: 'asked for' })
      expect(tf.getBackend()).toBe(backend)
      expect(
        tf
          .grad((x) => tf.square(x))(tf.scalar(3))
          .dataSync(),
      ).toEqual(Float32Array.of(6))
    },
    loadTimeout,
  )
})

test(
  'probing tells of each backend whether it works, its version, and which one would be chosen',
  async () => {
    const probed = await probeBackends({ tfjsNodeFolder })
    expect(probed.map(({ name }) => name)).toEqual(backendNames)
    expect(probed.filter(({ available }) => available).map(({ version }) => version)).toContain('4.22.0')
    const [first, ...others] = probed.filter(({ available }) => available)
    expect([first, ...others].map((backend) => backend?.chosen)).toEqual([true, ...others.map(() => false)])
    const { name, reason } = await loadBackend({ tfjsNodeFolder })
    expect(name).toBe(first?.name)
    expect(reason).toContain(first?.detail)
  },
  loadTimeout,
)

describe('a folder without tfjs-node', () => {
  test('is an error that names it, also where another backend would do', async () => {
    const loading = loadBackend({ tfjsNodeFolder: empty })
    await expect(loading).rejects.toThrow(UsageError)
    await expect(loading).rejects.toThrow(
      `@tensorflow/tfjs-node is not in ${empty}, which NNLAB_TFJS_NODE names`,
    )
  })

  test(
    'is what probing reports, and why',
    async () => {
      const [tensorflow, wasm] = await probeBackends({ tfjsNodeFolder: empty })
      expect(tensorflow).toMatchObject({ name: 'tensorflow', available: false, chosen: false })
      expect(tensorflow?.detail).toContain(empty)
      expect(wasm).toMatchObject({ name: 'wasm', available: true })
    },
    loadTimeout,
  )
})

test(
  'TensorFlow.js loads without a word on stdout or stderr',
  () => {
    const code =
      "import('@tensorflow/tfjs-core').then(async (tf) => { tf.enableProdMode(); await import('@tensorflow/tfjs-layers');" +
      "await import('@tensorflow/tfjs-backend-cpu'); await tf.setBackend('cpu'); tf.tidy(() => void tf.add(1, 2)) })"
    const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' })
    expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 })
  },
  loadTimeout,
)
