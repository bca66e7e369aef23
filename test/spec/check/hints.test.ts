import { expect, it } from 'vitest'

import {
  hintForChoice,
  hintForFraction,
  hintForKey,
  hintForName,
  hintForType,
} from '../../../src/spec/check/hints.ts'
import type { ValueKind } from '../../../src/spec/check/hints.ts'

it.each<[key: string, known: string[], path: string[], meant: string | undefined, hint: string | undefined]>([
  ['batchSize', ['batch_size', 'epochs'], ['fit'], 'batch_size', 'did you mean "batch_size"?'],
  ['activaton', ['activation', 'units'], [], 'activation', 'did you mean "activation"?'],
  [
    'EarlyStopping',
    ['callbacks'],
    ['fit'],
    undefined,
    'it is a callback: write callbacks: [{type: early_stopping, ...}]',
  ],
  ['early_stopping', ['metrics'], ['compile'], undefined, 'the keys here are: metrics'],
  [
    'l2',
    ['units', 'kernel_regularizer'],
    ['model', 'layers'],
    undefined,
    'it is a regularizer: write kernel_regularizer: {type: l2, ...}',
  ],
  ['l2', ['units'], ['model', 'layers'], undefined, 'the keys here are: units'],
  [
    'optimizer',
    ['data', 'model'],
    [],
    undefined,
    'it belongs in the `compile` section: write compile.optimizer',
  ],
  [
    'optimizer',
    ['epochs'],
    ['fit'],
    undefined,
    'it belongs in the `compile` section: write compile.optimizer',
  ],
  ['delimiter', ['type'], ['data'], undefined, 'this source has its own, and only these take the key: csv'],
  ['delimiter', ['type'], ['fit'], undefined, 'it belongs in the `data` section: write data.delimiter'],
  ...(
    [
      ['units', 'fit', 'a layer', 'model.layers[0]'],
      ['patience', 'model', 'a callback', 'fit.callbacks[0]'],
      ['momentum', 'compile', 'an optimizer', 'compile.optimizer'],
      ['learning_rate', 'compile', 'an optimizer', 'compile.optimizer'],
    ] as const
  ).flatMap(([key, section, what, place]) =>
    [[], [section]].map((path): [string, string[], string[], undefined, string] => [
      key,
      ['name'],
      path,
      undefined,
      `it is an option of ${what}: write it there, as in ${place}.${key}`,
    ]),
  ),
  ['units', ['path'], ['data'], undefined, 'the keys here are: path'],
  ['qqq', [], ['fit'], undefined, undefined],
])('of the unknown key %s among %j in %j', (key, known, path, meant, hint) => {
  expect(hintForKey(key, known, path)).toEqual({ ...(meant && { meant }), ...(hint && { hint }) })
})

it.each([
  ['layers', 'relu', 'it is an activation: write {type: activation, activation: relu}'],
  ['losses', 'dense', 'it is a layer, not a loss'],
  ['layers', 'keras.layers.Dense(16, activation="relu")', 'write {type: dense, ..., activation: relu}'],
  ['layers', 'Dense()', 'write dense'],
  ['layers', 'dens', 'did you mean "dense"?'],
  ['layers', 'qqqqqq', /^`nnlab explain layers` lists all \d+$/],
  ['layers', undefined, /^add its type, as in \{type: \w+\}; `nnlab explain layers` lists all \d+$/],
  ['samplers', 'bayes', 'did you mean "tpe"?'],
  ['pruners', 'qqqqqq', 'use one of: asha, median, hyperband'],
  ['pruners', undefined, 'use one of: asha, median, hyperband'],
  ['qqq', 'dense', undefined],
])('of a name among the %s: %s', (family, name, hint) => {
  const found = hintForName(family, name)
  if (hint instanceof RegExp) expect(found).toMatch(hint)
  else expect(found).toBe(hint)
})

it.each<[kind: ValueKind, key: string | number, value: unknown, hint: string | undefined]>([
  ['number', 'units', null, 'write a value after the colon, or remove the key'],
  ['boolean', 'use_bias', 'yes', 'write true or false'],
  ['string', 'name', 5, 'a string that looks like another type needs quotes: "5"'],
  ['string', 'name', true, 'a string that looks like another type needs quotes: "true"'],
  ['string', 'name', [], undefined],
  ['number', 'units', ' 20 ', 'remove the quotes: 20'],
  ['number', 'units', ' ', undefined],
  ['number', 'units', 'None', 'None is Python: leave the key out'],
  ['number', 0, 'None', 'None is Python: leave it out'],
  ['number', 'units', '20 units', 'write the number alone: 20'],
  ['number', 'rate', '20 %', 'write the number alone: 0.2'],
  ['number', 'units', '20 %', 'write the number alone: 20'],
  ['number', 'rate', '0,2', 'write the number alone: 0.2'],
  ['number', 'units', 'many', undefined],
  ['number', 'units', '2^3', undefined],
  ['list', 'kernel_size', '(3, 4,)', 'write it in brackets: [3, 4]'],
  ['list', 'kernel_size', '3x4', 'write it in brackets: [3, 4]'],
  ['list', 'columns', '3x, 4', 'write it in brackets: [3x, 4]'],
  ['list', 'kernel_size', 3, 'write it in brackets: [3]'],
  ['list', 'type', 3, 'write a list, not a map: [3]'],
  ['list', 'layers', {}, 'its items are a list: [..., ...], or lines that begin with a dash'],
  ['map', 'optimizer', 'type:adam', 'a space is missing after the colon: write `type: adam`'],
  ['map', 'optimizer', 'type: adam', undefined],
  ['map', 'optimizer', 5, undefined],
])('of a value that is no %s, at %s: %j', (kind, key, value, hint) => {
  expect(hintForType(kind, [key], value)).toBe(hint)
})

it.each<[key: string, value: unknown, hint: string | undefined]>([
  ['rate', 1.9, undefined],
  ['rate', 2, 'it is a fraction: 0.02 is 2 %'],
  ['validation', 100, 'it is a fraction: 1 is 100 %'],
  ['validation', 101, undefined],
  ['validation', '20', undefined],
  ['units', 20, undefined],
])('of a fraction: %s: %j', (key, value, hint) => {
  expect(hintForFraction([key], value)).toBe(hint)
})

it.each([
  ['inv_log_uniform', 'the log_uniform of W&B takes their logarithms'],
  ['inv_log_uniform_values', 'write log_uniform_values, which is the same'],
  ['log_normal', 'write log_uniform_values with min and max: log_normal is not supported'],
  ['q_log_normal', 'write q_log_uniform_values with min and max'],
  ['beta', 'write uniform with min and max'],
  ['q_beta', 'write q_uniform with min and max'],
  ['categorical_w_probabilities', 'leave `distribution` and `probabilities` out'],
])('of the distribution %s of W&B', (distribution, hint) => {
  const known = ['uniform', 'int_uniform', 'q_uniform', 'log_uniform_values', 'q_log_uniform_values']
  expect(hintForChoice([...known, 'normal', 'q_normal'], distribution)).toContain(hint)
})

it.each([
  ['parameters', 'named by whole paths, as in compile.optimizer.learning_rate'],
  ['probabilities', 'drawn twice as often'],
])('of the key %s of a parameter of W&B', (key, hint) => {
  expect(hintForKey(key, ['values', 'min'], ['sweep', 'parameters', 'fit']).hint).toContain(hint)
})

it('of a choice', () => {
  expect(hintForChoice(['same', 'valid'], 'sme')).toBe('did you mean "same"?')
  expect(hintForChoice(['same', 'valid'], 'around')).toBe('use one of: same, valid')
  expect(hintForChoice(['same', 'valid'], 3)).toBe('use one of: same, valid')
})
