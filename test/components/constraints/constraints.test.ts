import { describe, expect, it } from 'vitest'

import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { constraints } from '../../../src/components/constraints/index.ts'
import { expectClose, expectGoldenMembers, expectKerasDefaults } from '../../golden/golden.ts'
import { golden } from '../../golden/penalties.ts'

it('has golden numbers for every member', () => {
  expectGoldenMembers(constraints, golden.constraints, golden.defaults.constraints)
})

it.each(Object.entries(golden.defaults.constraints))(
  "%s has Keras's options and defaults",
  (type, defaults) => {
    expectKerasDefaults(constraints, type, defaults)
  },
)

describe.each(
  golden.constraints.map(
    (example) => [`${example.type} ${JSON.stringify(example.options)}`, example] as const,
  ),
)('%s', (_name, { type, options, x, y }) => {
  it("projects weights as Keras's does", () => {
    const b = new Builder()
    const config = constraints.ref().parse({ type, ...options })
    const program = b.program([['y', constraints.of(config).project(b, b.input('x', x.shape), config)]])
    expect(program.outputs.get('y')?.shape).toEqual(y.shape)
    expectClose(interpret(program, new Map([['x', x.data]])).get('y') ?? [], y.data)
  })
})

it.each([
  [2, [4, 3]],
  [
    [0, -3],
    [4, 3],
  ],
])('refuses axis %j of weights %j', (axis, shape) => {
  const config = constraints.ref().parse({ type: 'unit_norm', axis })
  expect(() => constraints.of(config).checkShape?.(config, shape)).toThrow(
    'the weights have the shape [4, 3]',
  )
})

it('wants the smallest norm not to be above the largest', () => {
  const found = constraints.ref().safeParse({ type: 'min_max_norm', min_value: 2 })
  expect(found.error?.issues).toMatchObject([
    { path: ['min_value'], message: 'min_value 2 is above max_value 1' },
  ])
})
