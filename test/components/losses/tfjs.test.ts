import type { Tensor } from '@tensorflow/tfjs-core'
import { describe, it } from 'vitest'

import { losses } from '../../../src/components/losses/index.ts'
import { loadBackend } from '../../../src/engine/tfjs/backend.ts'
import { execute } from '../../../src/engine/tfjs/executor.ts'
import { expectClose } from '../../golden/golden.ts'
import { cases, programOf } from './cases.ts'

const { tf } = await loadBackend({ backend: 'cpu' })

describe.each(cases)('%s', (_name, example) => {
  it("trains in TensorFlow.js with Keras's values and gradient", () => {
    const program = programOf(example)
    const dtype = losses.find(example.type)?.target === 'index' ? 'int32' : 'float32'
    const target = tf.tensor(example.target.data, example.target.shape, dtype)
    const apply = (x: Tensor): Tensor => {
      const inputs = new Map([
        ['x', x],
        ['target', target],
      ])
      return execute(tf, program, inputs, 0).get('y') ?? x
    }
    const x = tf.tensor(example.x.data, example.x.shape)
    const { value, grad } = tf.valueAndGrad((given) => tf.clone(apply(given)))(
      x,
      tf.tensor(example.dy.data, example.dy.shape),
    )
    expectClose(value.dataSync(), example.y.data, { relative: 1e-5, absolute: 2e-6 })
    expectClose(grad.dataSync(), example.dx.data, { relative: 1e-4, absolute: 1e-5 })
  })
})
