import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJsonl } from '../../../src/table/formats/jsonl.ts'
import { DataError } from '../../../src/errors.ts'
import type { Table } from '../../../src/table/table.ts'

function read(content: string): Promise<Table> {
  async function* stdin() {
    yield Buffer.from(content, 'latin1')
  }
  return readJsonl('-', { directory: '.', stdin: stdin() })
}

describe('a jsonl file', () => {
  it('gives numbers, texts and arrays; null and absent keys are missing, true and false are 1 and 0', async () => {
    const table = await read(
      '{"x": 1, "s": "a", "v": [[1, 2], [3, 4]]}\n\n{"x": null, "v": [[5, 6], [7, 8]], "on": true}\r\n',
    )
    expect(table.columns).toEqual([
      { kind: 'number', name: 'x', values: Float64Array.of(1, NaN) },
      { kind: 'string', name: 's', values: ['a', ''] },
      { kind: 'array', name: 'v', shape: [2, 2], values: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
      { kind: 'number', name: 'on', values: Float64Array.of(NaN, 1) },
    ])
    expect(table.place(1)).toBe('<stdin>:3')
  })

  it.each([
    ['lines', '{"u": {"age": 5, "geo": {"lat": 1}}, "y": 0}\n{"u": {"age": 6}, "y": 1}\n'],
    [
      'a list under a key',
      '{"rows": [{"u": {"age": 5, "geo": {"lat": 1}}, "y": 0}, {"u": {"age": 6}, "y": 1}]}',
    ],
  ])('gives the values of objects in objects as columns: %s', async (_, content) => {
    const { columns } = await read(content)
    expect(columns.map(({ name, values }) => [name, ...values])).toEqual([
      ['u.age', 5, 6],
      ['u.geo.lat', 1, NaN],
      ['y', 0, 1],
    ])
  })

  it('takes lists of strings and objects for strings', async () => {
    const lines = ['{"x": [], "o": [{"a": 1}]}', '{"x": ["b", "c"], "o": []}', '{"x": null, "o": null}']
    const { columns } = await read(lines.join('\n'))
    expect(columns.map(({ values }) => [...values])).toEqual([
      ['[]', 'b c', ''],
      ['[{"a":1}]', '[]', ''],
    ])
  })

  it('takes keys that mean something in JavaScript for names', async () => {
    const { columns } = await read('{"__proto__": {"x": 1}, "constructor": {"prototype": 2}}\n'.repeat(2))
    expect(columns.map(({ name }) => name)).toEqual(['__proto__.x', 'constructor.prototype'])
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  it.each([
    ['', '<stdin>: the file has no rows'],
    ['{"x": 1}\n{"x": 1', '<stdin>:2: this line is not valid JSON'],
    ['[{"x": 1},\n{"x": 2}', '<stdin>: this file is not valid JSON'],
    ['[1, 2]', '<stdin>: row 1: 1 is not an object such as {"x": 1, "y": 2}'],
    ['{"x": 1}\n"y"', '<stdin>:2: "y" is not an object'],
    [`${'['.repeat(50000)}${']'.repeat(50000)}`, '<stdin>: row 1: a list is not an object'],
    [`${'{"x":'.repeat(9000)}1${'}'.repeat(9000)}`, `<stdin>:1: "${'x.'.repeat(8)}x" is an object`],
    ['{"x": [1, {"y": 1}]}\n{"x": [2]}', '<stdin>:1: "x" is not a list of numbers'],
    ['{"x": [1, 2]}\n{"x": [1]}', '<stdin>:2: "x" is not a list of numbers of shape [2]'],
    ['{"x": [1, 2]}\n{"x": 1}', '<stdin>:2: "x" is not a list of numbers of shape [2]'],
    ['{"x": 1}\n{"x": [1]}', '<stdin>:2: "x" is a list, unlike in the first row'],
    ['{"y": 1}\n{"x": [1]}', '<stdin>:2: "x" is a list, unlike in the first row'],
    [`{"x": ${'['.repeat(50000)}${']'.repeat(50000)}}`, '<stdin>:1: "x" is not a list of numbers'],
    ['{"x": "\xff"}', '<stdin>:1: byte 0xff is not UTF-8'],
  ])('is refused with its place: %.30j', async (content, message) => {
    const failure: unknown = await read(content).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DataError)
    expect(failure).toHaveProperty('message', expect.stringContaining(message))
  })

  it('is read or refused, never a crash', async () => {
    const rows = fc.array(
      fc.oneof(fc.json(), fc.constant('{"x": [1, 2]}'), fc.constant('{"x": 1}'), fc.string()),
    )
    await fc.assert(
      fc.asyncProperty(rows, async (lines) => {
        await read(lines.join('\n')).catch((error: unknown) => expect(error).toBeInstanceOf(DataError))
      }),
    )
  })
})
