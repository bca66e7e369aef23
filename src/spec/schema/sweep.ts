import * as z from 'zod'

import { pruners } from '../../components/pruners/index.ts'
import { samplers } from '../../components/samplers/index.ts'
import type { ReportBreach } from '../../rule.ts'
import { withRules } from '../../rule.ts'
import { once } from '../../once.ts'
import { duration } from './duration.ts'

/** Trials of a sweep that says nothing of their number, unless they come to an end. */
export const DEFAULT_RUN_CAP = 30

const DISTRIBUTIONS = [
  'uniform',
  'int_uniform',
  'q_uniform',
  'log_uniform_values',
  'q_log_uniform_values',
  'normal',
  'q_normal',
] as const

const parameterShape = z.strictObject({
  values: z.array(z.unknown()).min(1).optional().describe('Values to choose from'),
  value: z.unknown().optional().describe('The value of all trials'),
  min: z.number().optional().describe('Lower end of a range'),
  max: z.number().optional().describe('Upper end of a range'),
  distribution: z
    .enum(DISTRIBUTIONS)
    .optional()
    .describe(
      'Distribution over the range: uniform on its scale or on that of logarithms, or normal; int_ ones are whole numbers, q_ ones multiples of q. Default: int_uniform between whole numbers, else uniform',
    ),
  q: z.number().positive().optional().describe('Distance of the numbers of a q_ distribution; default 1'),
  mu: z.number().optional().describe('Mean of a normal distribution; default 0'),
  sigma: z.number().positive().optional().describe('Standard deviation of a normal distribution; default 1'),
})

const Parameter = withRules(
  parameterShape,
  {
    needs: ['values', 'value', 'min', 'max', 'distribution', 'q', 'mu', 'sigma'],
    check: oneKind,
  },
  {
    needs: ['min', 'max', 'distribution', 'q'],
    check({ min, max, distribution, q = 1 }, report) {
      if (min === undefined || max === undefined) return
      if (min >= max) report(['max'], `max must be above min, got ${max} after ${min}`, { code: 'sweep' })
      const isLog = distribution?.includes('log') === true
      if (isLog && min <= 0)
        report(['min'], `a logarithmic scale begins above 0, got ${min}`, { code: 'sweep' })
      if (distribution === 'int_uniform' && !(Number.isInteger(min) && Number.isInteger(max)))
        report(['distribution'], 'int_uniform takes whole numbers as min and max', { code: 'sweep' })
      if (min < max && distribution?.startsWith('q_') === true && Math.ceil(min / q) > Math.floor(max / q))
        report(['q'], `no multiple of ${q} lies between ${min} and ${max}`, { code: 'sweep' })
    },
  },
)

/** A parameter is a list, a constant, a range or a normal distribution. */
function oneKind(parameter: z.output<typeof parameterShape>, report: ReportBreach): void {
  const { distribution = '' } = parameter
  const isNormal = distribution.includes('normal')
  const given = Object.entries(parameter).flatMap(([key, value]) => (value === undefined ? [] : [key]))
  const kinds: [string, readonly string[]][] = [
    ['values', []],
    ['value', []],
    ...(isNormal
      ? [['distribution', ['mu', 'sigma', 'q']] as [string, string[]]]
      : [['min', ['max', 'distribution', 'q']] as [string, string[]]]),
  ]
  const kind = kinds.find(([key]) => given.includes(key))
  if (kind === undefined || (kind[0] === 'min' && parameter.max === undefined)) {
    report([], 'a parameter needs values, value, or min and max', { code: 'sweep' })
    return
  }
  for (const key of given.filter((one) => one !== kind[0] && !kind[1].includes(one)))
    report([key], `${key} has no meaning beside ${kind[0]}`, { code: 'sweep', at: 'key' })
  if (parameter.q !== undefined && !distribution.startsWith('q_'))
    report(['q'], 'q has a meaning for q_ distributions only', { code: 'sweep', at: 'key' })
}
export type SweepParameter = z.output<typeof Parameter>

/** The section `sweep:`. */
export const sweepSection = once(() =>
  withRules(
    z.strictObject({
      method: samplers
        .ref()
        .optional()
        .describe('Sampler of the parameters. Default: grid where all have values, else random'),
      metric: z
        .strictObject({
          name: z.string().default('val_loss').describe('Logged metric that trials are compared by'),
          goal: z
            .enum(['minimize', 'maximize'])
            .optional()
            .describe('Better direction. Default: the known one of the metric'),
        })
        .prefault({})
        .describe('Metric that trials are compared by'),
      parameters: z
        .record(z.string(), Parameter)
        .prefault({})
        .describe(
          'Parameters by the paths of their keys, such as compile.optimizer.learning_rate or model.layers[0].units',
        ),
      paired: z
        .array(z.record(z.string(), z.unknown()))
        .min(1)
        .optional()
        .describe(
          'Values of several keys that belong together, as in [{"model.layers[0].units": 16, fit.epochs: 40}, ...]',
        ),
      run_cap: z
        .int()
        .min(1)
        .optional()
        .describe(
          `Most trials. Default: all combinations of a grid, else ${DEFAULT_RUN_CAP}, or no limit beside time_cap`,
        ),
      time_cap: duration()
        .optional()
        .describe('Time after which no trial begins, as in "2 h"; it starts again when a sweep is resumed'),
      seeds: z
        .int()
        .min(1)
        .default(1)
        .describe(
          'Runs of each trial, with the seed of the config and those after it; data.split.seed holds the split',
        ),
      parallel: z
        .int()
        .min(1)
        .default(4)
        .describe(
          'Number of trials that may be trained at once where a choice depends on earlier results: those of the last ones are not waited for',
        ),
      early_terminate: pruners.ref().optional().describe('Pruner that ends trials early'),
    }),
    {
      needs: ['parameters', 'paired'],
      check({ parameters, paired }, report) {
        if (Object.keys(parameters).length === 0 && paired === undefined)
          report(['parameters'], 'a sweep needs parameters', { code: 'sweep' })
      },
    },
  ).describe('A search over the parameters of the config, run by `nnlab sweep`'),
)
export type SweepSpec = z.output<ReturnType<typeof sweepSection>>
