import { afterEach, describe, expect, it, vi } from 'vitest'
import { classes, folderOf, newRows, oneInput, prepare } from './support.ts'

const width = 20_000
const names = Array.from({ length: width }, (_, i) => `c${i}`)
const line = (label: string): string => `${names.map((_, i) => i % 7).join()},${label}\n`
const wide = `${names.join()},label\n${['a', 'b', 'a', 'b'].map(line).join('')}`

/** Searches from element to element, in lists that are as long as the table is wide. */
function watchSearches(): () => number {
  const searches = [
    vi.spyOn(Array.prototype, 'find'),
    vi.spyOn(Array.prototype, 'findIndex'),
    vi.spyOn(Array.prototype, 'indexOf'),
    vi.spyOn(Array.prototype, 'includes'),
  ]
  return () =>
    searches
      .flatMap(({ mock }): unknown[] => mock.contexts)
      .filter((list) => Array.isArray(list) && list.length >= width).length
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a table of 20,000 columns', () => {
  it('is prepared, and read again, without a search through all columns for each of them', async () => {
    const directory = await folderOf({ 'wide.csv': wide })
    const searches = watchSearches()
    const { preprocessing } = await prepare(
      { type: 'csv', path: 'wide.csv', target: 'label', missing: 'drop', split: { test: 0.5 } },
      { directory, inputs: oneInput(width), outputs: classes(2) },
    )
    const { encoded } = await newRows({ type: 'csv', path: 'wide.csv' }, preprocessing, {
      directory,
      targets: true,
    })
    expect(searches()).toBeLessThan(20)
    expect(encoded.inputs[0]?.data.length).toBe(4 * width)
  }, 60_000)
})
