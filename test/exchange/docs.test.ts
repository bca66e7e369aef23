import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { families } from '../../src/components/families.ts'
import { formats } from '../../src/exchange/index.ts'
import { losses } from '../../src/components/losses/index.ts'

const page = readFileSync('docs/export.md', 'utf8')

/** First and second cells of the table after a heading. */
function rowsAfter(heading: string): [string, string][] {
  const [, section = ''] = page.split(heading)
  return Array.from(section.matchAll(/^\| `(\w+)`\s*\| (.*?)\s*\|/gm), ([, first = '', second = '']) => [
    first,
    second,
  ])
}

it('docs/export.md lists every format', () => {
  expect(
    rowsAfter('## Export')
      .slice(0, formats.length)
      .map(([format]) => format),
  ).toEqual(formats.map(({ type }) => type))
})

it('docs/export.md lists every component that Keras does not have', () => {
  // A schedule is replaced by its learning rate.
  const refused = [...families.values()].filter(({ name }) => name !== 'schedules')
  const lacking = refused.flatMap((family) =>
    family.members
      // A loss is exported as a loss also where it is a metric.
      .filter((member) => member.keras === null && !(family.name === 'metrics' && losses.find(member.type)))
      .map(({ type }) => `the ${family.singular} \`${type}\``),
  )
  const listed = rowsAfter('### What a format does not express').filter(([format]) => format === 'keras')
  const components = listed.filter(([, what]) => what?.startsWith('the '))
  expect(components.map(([, what]) => what)).toEqual(lacking)
})

it('docs/export.md keeps the list of what a format does not express short', () => {
  expect(rowsAfter('### What a format does not express').length).toBeLessThanOrEqual(15)
})
