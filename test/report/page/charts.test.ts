import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { chart, WIDTH } from '../../../src/report/page/chart/frame.ts'
import { heatMap } from '../../../src/report/page/chart/heat-map.ts'
import { lineChart, ownColor } from '../../../src/report/page/chart/line-chart.ts'
import { documentOf } from '../../../src/report/page/html.ts'
import type { Html } from '../../../src/report/page/html.ts'
import { htmlTable } from '../../../src/report/page/table.ts'
import { clipMiddle, widthOf } from '../../../src/report/text/characters.ts'
import { numbers } from '../../../src/report/text/table.ts'

const ALTERNATIVE = { title: 'A chart', description: 'of a test' }

function textsOf(drawing: Html): string[] {
  return Array.from(documentOf(drawing).matchAll(/<text[^>]*>([^<]*)<\/text>/g), ([, text]) => text ?? '')
}

describe('a chart', () => {
  it.each([3, 8, 9, 40])('tells %i lines from each other, of which it shows six', (all) => {
    const series = Array.from({ length: all }, (_, i) => ({
      name: `class ${i}`,
      x: [0, 1],
      y: [i, 0],
      ...ownColor(i, all),
    })).slice(-6)
    const drawn = documentOf(lineChart({ ...ALTERNATIVE, series, x: { label: 'x' }, y: { label: 'y' } }))
    const colors = Array.from(
      drawn.matchAll(/<path class="line (s\d)" d="[^"]+"><title>/g),
      ([, color]) => color,
    )
    expect(new Set(colors).size).toBe(series.length)
  })

  it('has short ticks of very large numbers, and labels that fit', () => {
    const label = 'mean_of_the_daily_maximum_temperature_above_the_average_of_thirty_years'
    const drawn = textsOf(
      lineChart({
        ...ALTERNATIVE,
        series: [{ name: 'a', x: [0, 1], y: [0, 9.08e17] }],
        x: { label },
        y: { label: 'y' },
      }),
    )
    expect(drawn).toEqual(
      expect.arrayContaining(['0', '2e17', 'mean_of_the_daily_maximu…average_of_thirty_years']),
    )
    expect(drawn.filter((text) => text.includes(','))).toEqual([])
  })

  it('shows a line of a single point, and no more than all of what is always 1', () => {
    const drawn = lineChart({
      ...ALTERNATIVE,
      series: [{ name: 'accuracy', x: [1], y: [1] }],
      x: { label: 'epoch', isWhole: true },
      y: { label: 'accuracy' },
    })
    expect(documentOf(drawn)).toContain('<circle')
    expect(textsOf(drawn)).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0', '1', 'epoch', 'accuracy'])
  })

  it('has room for the names of its legend and the numbers of its axis', () => {
    const names = ['a'.repeat(30), 'b'.repeat(19), 'c', 'd'.repeat(200), 'e', 'f']
    const drawn = documentOf(
      chart({
        ...ALTERNATIVE,
        x: { label: 'x', domain: [0, 1] },
        y: { label: 'y', domain: [-4970.61, -4970.6] },
        legend: names.map((name) => ({ name, style: 'line s0' })),
        draw: () => [],
      }),
    )
    const texts = Array.from(drawn.matchAll(/<text x="([^"]*)" y="[^"]*"( text-anchor="end")?>([^<]*)</g))
    const entries = texts.filter(([, , end, text]) => end === undefined && /[a-f]/.test(text ?? ''))
    expect(entries).toHaveLength(names.length)
    for (const [, x, , text = ''] of entries) expect(Number(x) + 6 * text.length).toBeLessThan(WIDTH)
    for (const [, x, end, text = ''] of texts) if (end) expect(Number(x)).toBeGreaterThan(6 * text.length)
  })
})

it('long names are cut in the middle, whatever their characters', () => {
  expect(clipMiddle('a class with a long name 7', 11)).toBe('a cla…ame 7')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 30 }), (name, width) => {
      const shown = clipMiddle(name, width)
      expect(widthOf(shown)).toBeLessThanOrEqual(width)
      expect(shown).not.toMatch(/\p{Cs}/u)
      if (widthOf(name) <= width) expect(shown).toBe(name)
    }),
  )
})

describe('a heat map', () => {
  it('shows long names upright, each in full as a tip', () => {
    const names = Array.from({ length: 12 }, (_, i) => `a class with a long name ${i}`)
    const drawn = documentOf(heatMap({ title: 'Confusion', rows: names, columns: names, counts: [] }))
    expect(drawn.match(/class="vertical"/g)).toHaveLength(12)
    for (const name of names) expect(drawn.split(`title="${name}"`)).toHaveLength(3)
    const few = documentOf(
      heatMap({ title: 'Confusion', rows: ['a'], columns: ['a', 'b'], counts: [[1, 2]] }),
    )
    expect(few).not.toContain('class="vertical"')
  })
})

describe('a table', () => {
  it('leaves out columns without any value, and breaks no short cell', () => {
    const long = 'a text that is longer than a name'
    const drawn = documentOf(
      htmlTable(
        'Caption',
        [{ title: 'Name' }, ...numbers('Lacking', 'Some')],
        [
          ['2024-01-01', '', ''],
          [long, '', '1'],
        ],
      ),
    )
    expect(drawn).not.toContain('Lacking')
    expect(drawn).toContain('<td class="short">2024-01-01</td><td class="n"></td>')
    expect(drawn).toContain(`<td class="long">${long}</td><td class="n">1</td>`)
  })
})
