import * as z from 'zod'

import type { ConfigPath, Problem } from '../diagnostic.ts'
import { canonical, nearest } from '../nearest.ts'
import { describe } from '../registry.ts'
import { keysAt } from './keys.ts'

type Issue = z.core.$ZodIssue

/** What zod found, in plain words. `data` is what was parsed and `schema` what it was parsed with. */
export function problemsOf(error: z.ZodError, data: unknown, schema: z.ZodType): Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, [], data, schema))
}

function problemsOfIssue(issue: Issue, prefix: ConfigPath, data: unknown, schema: z.ZodType): Problem[] {
  const path = [...prefix, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))]
  const found = describe(valueAt(data, path))
  const error = (code: string, message: string, hint?: string): Problem[] => [
    { severity: 'error', code, path, message, ...(hint === undefined ? {} : { hint }) },
  ]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...path, key], keysAt(schema, data, path)))
    case 'invalid_type':
      if (valueAt(data, path) === undefined) return [missingKey(path)]
      return error('type', `expected ${EXPECTED[issue.expected] ?? issue.expected}, got ${found}`)
    case 'too_small':
    case 'too_big':
      return error('range', `expected ${bound(issue)}, got ${size(valueAt(data, path))}`)
    case 'invalid_value': {
      if (valueAt(data, path) === undefined) return [missingKey(path)]
      const values = issue.values.map(String)
      const close = nearest(String(valueAt(data, path)), values)
      const hint = close === undefined ? `use one of: ${values.join(', ')}` : `did you mean "${close}"?`
      return error('value', `unknown value ${found}`, hint)
    }
    case 'invalid_format':
      return error('format', `${issue.message}, got ${found}`)
    case 'invalid_union': {
      const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
      if (options.length > 0) {
        const given = valueAt(data, path)
        if (given === undefined) return [missingKey(path, `use one of: ${options.join(', ')}`)]
        const close = typeof given === 'string' ? nearest(given, options) : undefined
        return error(
          'value',
          `unknown ${String(path.at(-1))} ${found}`,
          close === undefined ? `use one of: ${options.join(', ')}` : `did you mean "${close}"?`,
        )
      }
      return problemsOfUnion(issue.errors, path, data, schema)
    }
    case 'custom':
      return custom(issue, path, data, schema)
    default:
      return error('value', `${issue.message}, got ${found}`)
  }
}

/** A family's or a rule's own issue: it says its code and hint in its params, or holds the issue of a member's options. */
function custom(
  issue: z.core.$ZodIssueCustom,
  path: ConfigPath,
  data: unknown,
  schema: z.ZodType,
): Problem[] {
  const params = issue.params ?? {}
  const inner: Issue | undefined = params['issue']
  if (inner !== undefined)
    return problemsOfIssue(inner, path.slice(0, path.length - inner.path.length), data, schema)
  const { code = 'value', hint, at }: { code?: string; hint?: string; at?: 'key' | 'value' } = params
  return [
    {
      severity: 'error',
      code,
      path,
      message: issue.message,
      ...(hint === undefined ? {} : { hint }),
      ...(at === undefined ? {} : { at }),
    },
  ]
}

/** Only one branch of a union was meant: the one whose complaints lie deepest, the first such. */
function problemsOfUnion(
  branches: readonly (readonly Issue[])[],
  path: ConfigPath,
  data: unknown,
  schema: z.ZodType,
): Problem[] {
  const problems = branches.map((issues) =>
    issues.flatMap((issue) => problemsOfIssue(issue, path, data, schema)),
  )
  const depth = (branch: Problem[]): number => Math.min(...branch.map((problem) => problem.path.length))
  const deepest = problems.toSorted((a, b) => depth(b) - depth(a))[0] ?? []
  if (depth(deepest) > path.length) return deepest
  const wanted = problems.flat().map(({ message }) => /^expected (.*), got /.exec(message)?.[1])
  if (wanted.some((text) => text === undefined)) return deepest
  const message = `expected ${[...new Set(wanted)].join(' or ')}, got ${describe(valueAt(data, path))}`
  return [{ severity: 'error', code: 'type', path, message }]
}

function unknownKey(path: ConfigPath, known: readonly string[]): Problem {
  const key = String(path.at(-1))
  const keras = RENAMED[canonical(key)]
  const close = keras !== undefined && known.includes(keras) ? keras : nearest(key, known)
  return {
    severity: 'error',
    code: 'unknown-key',
    path,
    at: 'key',
    message: `unknown key "${key}"`,
    ...(close !== undefined
      ? { hint: `did you mean "${close}"?` }
      : known.length === 0
        ? {}
        : { hint: `the keys here are: ${known.join(', ')}` }),
  }
}

function missingKey(path: ConfigPath, hint?: string): Problem {
  return {
    severity: 'error',
    code: 'missing-key',
    path,
    message: `"${String(path.at(-1))}" is missing`,
    ...(hint === undefined ? {} : { hint }),
  }
}

/** Words that Keras, TensorFlow.js or PyTorch use for keys of ours, in canonical spelling. */
const RENAMED: Readonly<Record<string, string>> = {
  lr: 'learning_rate',
  alpha: 'negative_slope',
  outputdim: 'output_dim',
  inputshape: 'input',
  batchinputshape: 'input',
  p: 'rate',
  prob: 'rate',
  stride: 'strides',
  dilation: 'dilation_rate',
  outfeatures: 'units',
  outchannels: 'filters',
  inputs: 'input',
  verbose: 'quiet',
  validationsplit: 'split',
  decay: 'weight_decay',
  betas: 'beta_1',
  eps: 'epsilon',
  batch: 'batch_size',
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  null: 'null',
}

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum
  if (issue.origin === 'array')
    return `${issue.code === 'too_small' ? 'at least' : 'at most'} ${limit} ${limit === 1 ? 'item' : 'items'}`
  if (issue.origin === 'string') return 'a text that is not empty'
  const open = issue.inclusive === false
  if (issue.code === 'too_small') return open ? `a number above ${limit}` : `a number of at least ${limit}`
  return open ? `a number below ${limit}` : `a number of at most ${limit}`
}

function size(value: unknown): string {
  return Array.isArray(value) ? `${value.length}` : describe(value)
}

function valueAt(data: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)]
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    return Object.entries(value).find(([name]) => name === String(key))?.[1]
  }, data)
}
