import { describe, expect, it } from 'vitest'

import { Builder } from '../../../src/ir/builder.ts'
import { differentiate } from '../../../src/ir/gradient.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { regularizers } from '../../../src/components/regularizers/index.ts'
import { loadBackend } from '../../../src/engine/tfjs/backend.ts'
import { execute } from '../../../src/engine/tfjs/executor.ts'
import { expectClose, expectGoldenMembers, expectKerasDefaults } from '../../golden/golden.ts'
import { golden } from '../../golden/penalties.ts'

const { tf } = await loadBackend({ backend: 'cpu' })

it('has golden numbers for every member', () => {
  expectGoldenMembers(regularizers, golden.regularizers, golden.defaults.regularizers)
})

it.each(Object.entries(golden.defaults.regularizers))(
  "%s has Keras's options and defaults",
  (type, defaults) => {
    expectKerasDefaults(regularizers, type, defaults)
  },
)

describe.each(
  golden.regularizers.map(
    (example) => [`${example.type} ${JSON.stringify(example.options)}`, example] as const,
  ),
)('%s', (_name, { type, options, x, y, dx }) => {
  const b = new Builder()
  const config = regularizers.ref().parse({ type, ...options })
  const input = b.input('x', x.shape)
  const program = b.program([['y', regularizers.of(config).penalty(b, input, config)]])
  const penalty = (at: readonly number[]): number =>
    interpret(program, new Map([['x', at]])).get('y')?.[0] ?? NaN

  it("gives Keras's penalty", () => {
    expectClose([penalty(x.data)], [y])
  })

  it("has Keras's gradient wherever it is smooth", () => {
    const slopes = x.data.map((at, i) => {
      const slope = (step: number): number => (penalty(x.data.with(i, at + step)) - penalty(x.data)) / step
      return at === 0 ? (dx.data[i] ?? NaN) : (slope(1e-7) + slope(-1e-7)) / 2
    })
    expectClose(slopes, dx.data, { relative: 1e-3, absolute: 1e-5 })
  })

  it("has Keras's gradient as a program, at 0 too", () => {
    const [slopes] = differentiate(b, program.outputs.get('y') ?? input, [input])
    const gradient = b.program([['dx', slopes ?? input]])
    const found = interpret(gradient, new Map([['x', x.data]])).get('dx') ?? []
    expectClose(found, dx.data, { relative: 1e-4, absolute: 1e-6 })
  })

  it("has Keras's gradient in TensorFlow.js, at 0 too", () => {
    const gradient = tf.grad((given) =>
      tf.clone(execute(tf, program, new Map([['x', given]]), 0).get('y') ?? given),
    )(tf.tensor(x.data, x.shape))
    expectClose(gradient.dataSync(), dx.data, { relative: 1e-4, absolute: 1e-6 })
  })
})

it.each([
  ['rows', [3, 3, 4]],
  ['rows', [1, 4]],
  ['columns', [4, 1]],
])('orthogonal_regularizer refuses %s of %j', (mode, shape) => {
  const config = regularizers.ref().parse({ type: 'orthogonal_regularizer', mode })
  expect(() => regularizers.of(config).checkShape?.(config, shape)).toThrow(
    `compares the ${mode} of a matrix`,
  )
})
