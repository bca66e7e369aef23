import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { DataSpec } from '../../../src/spec/schema/data.ts'

function issues(spec: unknown): string[] {
  const result = DataSpec.safeParse(spec)
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

const csv = { type: 'csv', path: 'rows.csv', target: 'y' }

describe('the data section', () => {
  it('fills in its defaults', () => {
    expect(DataSpec.parse(csv)).toEqual({
      ...csv,
      header: true,
      memory: '2 GB',
      features: { scale: 'none', unseen: 'ignore', transforms: {} },
      balance: 'none',
      missing: 'error',
      split: { validation: 0, test: 0, stratify: false, shuffle: true },
    })
  })

  it('takes its own output again', () => {
    const spec = DataSpec.parse({ ...csv, features: { scale: { divide: 16 } }, split: { test: 0.2 } })
    expect(DataSpec.parse(spec)).toEqual(spec)
  })

  it.each([
    ['a column', 'y'],
    ['columns', ['y', 'z']],
    ['options', { column: 'y', scale: 'standard' }],
    ['classes in order', { column: 'y', classes: [3, 4, 'rest'] }],
  ])('takes a target given as %s', (_, target) => {
    expect(issues({ ...csv, target })).toEqual([])
  })

  it('wants target or targets, and not both', () => {
    expect(issues({ type: 'csv', path: 'rows.csv' })).toEqual([
      ': target is missing: the column that the model learns to predict',
    ])
    expect(issues({ ...csv, targets: { a: 'y' } })).toEqual([
      'targets: target and targets cannot be used together',
    ])
  })

  it('refuses column names for a file that has a header', () => {
    expect(issues({ ...csv, columns: ['x', 'y'] })[0]).toMatch(/^columns: .*set header: false/)
    expect(issues({ ...csv, columns: ['x', 'y'], header: false })).toEqual([])
  })

  it('refuses a choice of columns next to named inputs', () => {
    const spec = { ...csv, inputs: { a: 'x' }, features: { columns: ['x'] } }
    expect(issues(spec)).toEqual(['features.columns: inputs already chooses the columns of each input'])
  })

  it('stratifies whole groups, but not by time', () => {
    expect(issues({ ...csv, split: { test: 0.2, group: 'patient', stratify: true } })).toEqual([])
    expect(issues({ ...csv, split: { test: 0.2, time: 'day', stratify: true } })).toEqual([
      'split.stratify: stratify and time cannot be used together',
    ])
  })

  it('wants rows left for training', () => {
    expect(issues({ ...csv, split: { validation: 0.5, test: 0.5 } })[0]).toMatch(
      /^split\.test: .*less than 1/,
    )
  })

  it.each([[{}], [{ images: 'a' }], [{ labels: 'a' }], [{ folder: 'a', images: 'b' }]])(
    'wants a folder or two files of an idx set: %j',
    (files) => {
      expect(issues({ type: 'idx', ...files })).toEqual([': give either folder, or both images and labels'])
    },
  )

  it('refuses unknown keys and types', () => {
    expect(issues({ ...csv, pth: 'x' })[0]).toMatch(/pth/)
    expect(issues({ type: 'cvs' })).toHaveLength(1)
  })

  it('describes every field', () => {
    const undescribed: string[] = []
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return
      for (const [key, value] of Object.entries<unknown>({ ...schema })) {
        if (key === 'properties' && typeof value === 'object' && value !== null) {
          for (const [name, property] of Object.entries<unknown>({ ...value })) {
            const isDescribed = typeof property === 'object' && property !== null && 'description' in property
            if (!isDescribed) undescribed.push(`${path}.${name}`)
            walk(property, `${path}.${name}`)
          }
        } else walk(value, path)
      }
    }
    walk(z.toJSONSchema(DataSpec, { io: 'input' }), 'data')
    expect(undescribed).toEqual([])
  })
})

describe('inline rows', () => {
  const inline = (inputs: unknown, targets: unknown) => issues({ type: 'inline', inputs, targets })

  it('takes lists, named lists and text targets', () => {
    expect(
      inline(
        [
          [0, 0],
          [0, 1],
        ],
        [[0], [1]],
      ),
    ).toEqual([])
    expect(inline({ a: [[1], [2]], b: [3, 4] }, ['cat', 'dog'])).toEqual([])
  })

  it('points at the row that differs', () => {
    expect(
      inline(
        [
          [0, 0],
          [0, 1, 2],
        ],
        [0, 1],
      ),
    ).toEqual(['inputs.1: the first row is a list of shape [2], this one is not'])
    expect(
      inline(
        [
          [[1, 2], [3]],
          [[1, 2], [3]],
        ],
        [0, 1],
      ),
    ).toEqual(['inputs.0: its lists differ in length'])
  })

  it('points at arrays with another number of rows', () => {
    expect(inline([[0], [1]], [0, 1, 1])).toEqual(['targets: 3 rows here, but 2 in inputs'])
  })

  it('refuses texts that are not labels, mixtures, empty lists and names used twice', () => {
    expect(inline([['a'], ['b']], [0, 1])[0]).toMatch(/^inputs\.0: expected numbers/)
    expect(inline([[1], [2]], ['a', 1])).toEqual(['targets.1: strings and numbers are mixed'])
    expect(inline([[], []], [0, 1])).toEqual(['inputs.0: an empty list'])
    expect(inline({ a: [[1]] }, { a: [1] })).toEqual(['targets.a: the name a is taken already'])
  })
})
