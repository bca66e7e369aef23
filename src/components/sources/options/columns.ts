import * as z from 'zod'

import type { ConfigPath } from '../../../diagnostic.ts'
import type { ComponentConfig, Configured } from '../../../registry.ts'
import type { Rule } from '../../../rule.ts'
import type { ColumnEncoding, InputSelection, Positives, Selection, TargetSelection } from '../selection.ts'
import { Features, InputFeatures } from './features.ts'
import { Join } from './files.ts'
import { Missing } from './missing.ts'
import { Augment, Balance, ColumnName, Limit } from './rows.ts'
import { Split } from './split.ts'
import { Target } from './target.ts'
import type { ColumnTarget } from './target.ts'
import { Where } from './where.ts'
import { Window } from './window.ts'

/** The keys shared by every source of named columns. */
export const columnKeys = {
  target: Target.optional(),
  targets: z
    .record(z.string(), Target)
    .optional()
    .describe('For a model with several outputs: the target of each, by name'),
  features: Features.prefault({}),
  inputs: z
    .record(z.string(), InputFeatures)
    .optional()
    .describe('For a model with several inputs: the columns of each, by name'),
  sample_weight: z
    .union([ColumnName, z.array(ColumnName).min(1)])
    .optional()
    .describe(
      'A column that weights each row in the loss and the weighted metrics, of every split; a column of arrays, or a list of columns, weights each step of the target',
    ),
  missing: Missing.default('error'),
  window: Window.optional(),
  join: Join.optional(),
  where: Where.optional(),
  limit: Limit,
  augment: Augment.optional(),
  balance: Balance.default('none'),
  split: Split.prefault({}),
}

type Columns = Configured<typeof columnKeys>

const oneKindOfTarget: Rule<Pick<Columns, 'target' | 'targets'>> = {
  needs: ['target', 'targets'],
  check({ target, targets }, report) {
    if (target === undefined && targets === undefined) {
      const message = 'target is missing: the column that the model learns to predict'
      report([], message, { code: 'missing-target', hint: 'name it, as in `target: label`' })
    }
    if (target !== undefined && targets !== undefined) {
      const hint = 'write target for one output, or targets for several'
      report(['targets'], 'target and targets cannot be used together', { code: 'targets', at: 'key', hint })
    }
  },
}

const columnsChosenOnce: Rule<Pick<Columns, 'features' | 'inputs'>> = {
  needs: ['features', 'inputs'],
  check({ features, inputs }, report) {
    const chosen = features.columns ? 'columns' : features.exclude ? 'exclude' : undefined
    if (!inputs || !chosen) return
    const message = 'inputs already chooses the columns of each input'
    report(['features', chosen], message, { code: 'columns', at: 'key', hint: 'remove one of the two' })
  },
}

/** The rules that every source of named columns keeps. */
export const columnRules = [oneKindOfTarget, columnsChosenOnce]

/** The roles of columns as the section says them. */
export function columnSelection(spec: Configured<typeof columnKeys>): Selection {
  const {
    features,
    inputs,
    target,
    targets,
    sample_weight: sampleWeight,
    missing,
    join,
    where,
    window,
    split,
  } = spec
  const { scale, one_hot: oneHot = [], unseen, transforms } = features
  const encoding = { scale, oneHot, unseen, ...inTurn(transforms) }
  return {
    inputs: inputs
      ? Object.entries(inputs).map(([name, input]) => inputSelection(name, input, encoding))
      : [
          {
            path: ['data', 'features', ...(features.columns ? ['columns'] : [])],
            exclude: features.exclude ?? [],
            encoding,
            ...(features.columns && { columns: features.columns }),
          },
        ],
    targets: targets
      ? Object.entries(targets).map(([name, one]) => ({
          name,
          ...targetSelection(one, ['data', 'targets', name]),
        }))
      : [targetSelection(target ?? [], ['data', 'target'])],
    ...(sampleWeight !== undefined && { sampleWeight: [sampleWeight].flat() }),
    missing,
    ...(join && { join }),
    ...(where && { where }),
    ...(window && { window: { ...window, ...(split.time !== undefined && { time: split.time }) } }),
    keys: [
      { column: split.column, wantedBy: 'data.split.column' },
      { column: split.group, wantedBy: 'data.split.group' },
      { column: split.time, wantedBy: 'data.split.time' },
      { column: window?.series, wantedBy: 'data.window.series' },
      { column: join?.on, wantedBy: 'data.join.on' },
    ].flatMap(({ column, wantedBy }) => (column === undefined ? [] : [{ column, wantedBy }])),
  }
}

/** The first transform of each column, and those that follow it. */
function inTurn(written: Columns['features']['transforms']): Pick<ColumnEncoding, 'transforms' | 'then'> {
  const transforms: Record<string, ComponentConfig> = {}
  const then: Record<string, ComponentConfig[]> = {}
  for (const [column, config] of Object.entries(written)) {
    const [first, ...others] = [config].flat()
    if (first) transforms[column] = first
    then[column] = others
  }
  return { transforms, then }
}

function inputSelection(name: string, input: InputFeatures, encoding: ColumnEncoding): InputSelection {
  const path = ['data', 'inputs', name]
  if (typeof input === 'string') return { name, path, columns: [input], exclude: [], encoding }
  if (Array.isArray(input)) return { name, path, columns: input, exclude: [], encoding }
  const own = { scale: input.scale ?? encoding.scale, oneHot: input.one_hot ?? encoding.oneHot }
  const columns = { path: [...path, 'columns'], columns: input.columns, exclude: [] }
  return { name, ...columns, encoding: { ...encoding, ...own } }
}

function targetSelection(target: Target, path: ConfigPath): TargetSelection {
  if (typeof target === 'string') return { path, columns: [target], scale: 'none' }
  if (Array.isArray(target)) return { path, columns: target, scale: 'none' }
  const { column = [], same_as: sameAs, scale = 'none', classes, positive } = target
  return {
    path,
    columns: [column].flat(),
    ...(sameAs !== undefined && { sameAs }),
    scale,
    ...(classes && labelsOf(classes)),
    ...(positive !== undefined && { positive: String(positive) }),
  }
}

function labelsOf(classes: NonNullable<ColumnTarget['classes']>): Pick<TargetSelection, 'classes' | 'names'> {
  if (Array.isArray(classes)) return { classes: classes.map(String) }
  return { classes: Object.keys(classes), names: Object.values(classes).map(String) }
}

/** A section whose targets name the positive classes of their outputs, where they named none. */
export function columnsWithPositives<S extends Pick<Columns, 'target' | 'targets'>>(
  spec: S,
  positives: Positives,
): S {
  const { target, targets } = spec
  const [only] = positives.values()
  const named = (one: Target, positive: string | undefined): Target => {
    if (positive === undefined) return one
    return typeof one === 'string' || Array.isArray(one) ? { column: one, positive } : { positive, ...one }
  }
  return {
    ...spec,
    ...(target !== undefined && { target: named(target, only) }),
    ...(targets && {
      targets: Object.fromEntries(
        Object.entries(targets).map(([name, one]) => [name, named(one, positives.get(name))]),
      ),
    }),
  }
}
