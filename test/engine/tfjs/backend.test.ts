import { test } from 'vitest'
import { loadBackend, probeBackends } from '../../../src/engine/tfjs/backend.ts'
import { createRequire } from 'node:module'
test('x', async () => {
  const r = await loadBackend()
  console.log(r.name, r.version, r.reason, r.tf.getBackend())
  const c = createRequire(import.meta.url)('@tensorflow/tfjs-core')
  console.log(
    'same copy',
    c.add === r.tf.add,
    Object.keys(createRequire(import.meta.url).cache).filter((k) => k.includes('tensorflow')),
  )
  const f = process.env['NNLAB_TFJS_NODE']
  console.log(await probeBackends({ tfjsNodeFolder: f }))
  if (f) {
    const n = await loadBackend({ tfjsNodeFolder: f })
    console.log(n.name, n.reason, n.version, n.tf.getBackend())
    n.tf.add(1, [2]).print()
  }
})
