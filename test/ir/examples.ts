import * as z from 'zod'

import { activations } from '../../src/components/activations/index.ts'
import { constraints } from '../../src/components/constraints/index.ts'
import { regularizers } from '../../src/components/regularizers/index.ts'
import type { Component, ComponentConfig, Family } from '../../src/registry.ts'

/** A number below the limit. */
export type Draw = (limit: number) => number

/** Values worth trying of options, by the option's name; those that a component's schema refuses are left out. */
const EXAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  axes: [1, 2, -1],
  boundaries: [[2, 5]],
  cropping: [
    1,
    [
      [0, 1],
      [1, 0],
    ],
  ],
  decay_rate: [0.9],
  decay_steps: [3],
  default_value: [0.05],
  depth_multiplier: [1, 2],
  dilation_rate: [1, 2],
  dims: [[1], [2, 1], [2, 1, 3], [3, 1, 2]],
  filters: [2, 4, 17],
  first_decay_steps: [3],
  groups: [1, 2],
  initial_learning_rate: [0.1],
  input_dim: [6],
  kernel_size: [2, 1, 3],
  layer: [
    { type: 'dense', units: 2 },
    { type: 'simple_rnn', units: 2 },
    { type: 'gru', units: 2, return_sequences: true },
  ],
  max_learning_rate: [0.1],
  max_value: [1],
  n: [2],
  negative_slope: [0.2],
  noise_shape: [null],
  output_dim: [2, 3, 19],
  padding: [
    1,
    [
      [1, 0],
      [0, 2],
    ],
  ],
  pool_size: [2, 3, 1],
  rate: [0.3],
  scale: [0.5],
  size: [2],
  stddev: [0.1],
  strides: [1, 2],
  target_shape: [[-1], [2, -1], [-1, 3], [2, 2, -1]],
  threshold: [0.1],
  total_steps: [12],
  // Wide enough that rows are no whole vectors of any machine.
  units: [3, 1, 2, 18, 35],
  values: [[0.1, 0.05, 0.01]],
}

const FAMILIES: Readonly<Record<string, Family<Component>>> = { activations, constraints, regularizers }

type Option = { readonly name: string; readonly required: boolean; readonly values: readonly unknown[] }

/** Of the members asked for so far: their schemas take longer to build than a model takes to draw. */
const optionsOf = new Map<Component, readonly Option[]>()

function makeOptions({ options }: Component): readonly Option[] {
  return Object.entries(options()).map(([name, option]) => ({
    name,
    required: !option.safeParse(undefined).success,
    values: [...(EXAMPLES[name] ?? []), ...valuesOf(option)].filter(
      // A regularizer of matrices has no meaning for every output.
      (value) =>
        option.safeParse(value).success &&
        !(name === 'activity_regularizer' && value === 'orthogonal_regularizer'),
    ),
  }))
}

/** A config of a member that its schema accepts: what it requires, and often values of its other options. */
export function drawConfig<C extends Component>(family: Family<C>, member: C, draw: Draw): ComponentConfig {
  const schema = family.schemaOf(member)
  const accepts = (config: ComponentConfig): boolean => schema.safeParse(config).success
  const options = optionsOf.get(member) ?? makeOptions(member)
  optionsOf.set(member, options)
  let config: ComponentConfig = { type: member.type }
  for (const { name, required, values } of options) {
    if (values.length === 0 || (!required && draw(2) === 0)) continue
    const changed = { ...config, [name]: values[draw(values.length)] }
    const complete = accepts(config)
    if (required || !complete || accepts(changed)) config = changed
  }
  return config
}

/** The values of a closed set: flags, enumerations, components that need no options. */
function valuesOf(schema: z.core.$ZodType): unknown[] {
  const wrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  if (wrapped) return valuesOf(schema.unwrap())
  if (schema instanceof z.ZodBoolean) return [false, true]
  if (schema instanceof z.ZodEnum) return schema.options
  const name = z.globalRegistry.get(schema)?.['family']
  const family = typeof name === 'string' ? FAMILIES[name] : undefined
  if (family === undefined) return []
  return family.members.flatMap((member) => {
    const { type } = member
    return family.schemaOf(member).safeParse({ type }).success ? [type] : []
  })
}
