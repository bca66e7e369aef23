import { describe, expect, it } from 'vitest'

import { formFields } from '../../src/exchange/web/fields.ts'
import { rowsOfCsv } from '../../src/exchange/web/page/csv.ts'
import { web } from '../../src/exchange/web/index.ts'
import type { Feature, Preprocessing } from '../../src/runtime/preprocessing.ts'
import { modelToExport } from './model.ts'

function preprocessingOf(features: readonly Feature[], more: Partial<Preprocessing> = {}): Preprocessing {
  const inputs = [{ name: 'input', shape: [features.length], features }]
  const outputs = [{ kind: 'numbers' as const, name: 'dense', shape: [1], columns: ['price'], scalings: [] }]
  return { version: 2, inputs, outputs, missing: 'error', ...more }
}

const CITY: Feature = {
  kind: 'encoded',
  column: 'city',
  transform: 'one_hot',
  state: { categories: ['Oslo', 'Rome', 'Ulm'], untrained: ['Ulm'], unseen: 'ignore' },
}

describe('the form of a web page', () => {
  it('has a usual value and the range of most values for a number, and the trained categories of a string', () => {
    const age: Feature = {
      kind: 'number',
      column: 'age',
      fill: 37,
      scaling: { subtract: 40, multiply: 0.1 },
    }
    expect(formFields(preprocessingOf([age, CITY]), 'standard')).toEqual([
      { kind: 'number', column: 'age', optional: true, usual: 37, range: [30, 50] },
      { kind: 'choice', column: 'city', optional: false, choices: ['Oslo', 'Rome'] },
    ])
    expect(formFields(preprocessingOf([{ ...age, fill: undefined }]), 'min_max')).toEqual([
      { kind: 'number', column: 'age', optional: false, usual: 45, range: [40, 50] },
    ])
  })

  it('has one image for columns of pixels, and for an array of the shape of one', () => {
    const pixels = Array.from({ length: 64 }, (_, i): Feature => {
      return { kind: 'number', column: `p${i}`, scaling: { subtract: 0, multiply: 1 / 16 } }
    })
    const image = { kind: 'image', height: 8, width: 8, channels: 1 }
    expect(formFields(preprocessingOf(pixels), { divide: 16 })).toEqual([
      { ...image, white: 16, columns: pixels.map(({ column }) => column) },
    ])
    const others = pixels.map((pixel, i) => (i === 5 ? { ...pixel, column: 'age' } : pixel))
    expect(formFields(preprocessingOf(others), { divide: 16 })).toHaveLength(64)
    const array: Feature = { kind: 'array', column: 'photo', shape: [8, 8, 3], scalings: [] }
    expect(formFields(preprocessingOf([array]), 'none')).toEqual([
      { ...image, channels: 3, white: 255, columns: ['photo'] },
    ])
    expect(formFields(preprocessingOf([{ ...array, shape: [7] }]), 'none')).toEqual([
      { kind: 'list', column: 'photo', shape: [7] },
    ])
  })
})

describe('an exported web folder', () => {
  const model = {
    ...modelToExport({ input: [3], layers: [{ type: 'dense', units: 1 }] }),
    name: 'a <b>',
    preprocessing: preprocessingOf([{ ...CITY, column: '</script>' }]),
  }

  it('asks for nothing but its own files, and shows text of the data as text', () => {
    const written = web.write(model, (what) => expect.unreachable(what))
    const files = 'folder' in written ? written.folder : new Map<string, string | Uint8Array>()
    expect([...files.keys()]).toEqual(['index.html', 'model.js', 'predict.js', 'predict.d.ts'])
    const page = String(files.get('index.html'))
    expect(page).toContain('<title>a &#60;b&#62;</title>')
    expect(page.match(/<\/script>/g)).toHaveLength(3)
    for (const text of files.values()) expect(String(text)).not.toMatch(/https?:|fetch\(|XMLHttpRequest/)
    expect(String(files.get('predict.d.ts'))).toContain('readonly "</script>": string')
  })

  it('has a field for the rows of a time series', () => {
    const window = { steps: 3, sampling_rate: 2, horizon: 1, series: 'shop', time: 'day' }
    const written = web.write({ ...model, preprocessing: { ...preprocessingOf([CITY]), window } }, (what) =>
      expect.unreachable(what),
    )
    const files = 'folder' in written ? written.folder : new Map<string, string | Uint8Array>()
    const field = { kind: 'series', columns: ['shop', 'day', 'city'], rows: 5 }
    expect(String(files.get('index.html'))).toContain(`"fields":[${JSON.stringify(field)}]`)
    expect(String(files.get('predict.d.ts'))).toContain('readonly "shop"?: string | number')
  })

  it('reads rows of csv with any delimiter, quotes and missing values', () => {
    expect(rowsOfCsv('a;"b;c"\n"1;2";"say ""x"""\r\n\n;3')).toEqual([
      { a: '1;2', 'b;c': 'say "x"' },
      { a: null, 'b;c': '3' },
    ])
    expect(rowsOfCsv('a,b\n,\n1')).toEqual([
      { a: null, b: null },
      { a: '1', b: null },
    ])
    expect(rowsOfCsv('')).toEqual([])
  })
})
