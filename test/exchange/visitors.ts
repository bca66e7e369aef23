import type { RawRow } from '../../src/runtime/raw-rows.ts'

const CITIES = ['Rome', 'Oslo', 'Bonn', '', 'Zürich']

/** Rows with numbers, strings, booleans, dates and words, some missing; those of a seed but 0 have a city more. */
export function visitors(count: number, seed: number): RawRow[] {
  return Array.from({ length: count }, (_, i) => {
    const at = (7919 * (i + seed)) % 97
    return {
      age: at % 11 === 0 ? null : 18 + (at % 60),
      city: CITIES[at % (seed === 0 ? 4 : 5)] ?? '',
      member: at % 3 === 0,
      joined: `20${10 + (at % 12)}-0${1 + (at % 9)}-1${at % 10}`,
      tags: `red${at % 4} blue${at % 3}`,
      label: at % 2 === 0 ? 'stays' : 'leaves',
    }
  })
}
