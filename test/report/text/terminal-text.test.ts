/* eslint-disable no-control-regex -- control characters are what this is about */
import { Writable } from 'node:stream'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { clip, padded, visible, widthOf } from '../../../src/report/text/characters.ts'
import { jsonText } from '../../../src/report/text/json-text.ts'
import { shorten } from '../../../src/report/text/message.ts'
import { Screen } from '../../../src/report/text/screen.ts'
import { numbers, table } from '../../../src/report/text/table.ts'
import { bold, lines, red, render, text } from '../../../src/report/text/terminal-text.ts'
import { wrap } from '../../../src/report/text/wrap.ts'

/** Text of all kinds of characters, with many that a terminal obeys. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b[31m',
        '\u001b]8;;x\u0007',
        '\u009b2J',
        '\u202e',
        '\u2028',
        '\u007f',
        '\ud800',
        '\r\n',
      ),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('word ', '  ', '\u00a0', '\u3000', '層の', 'e\u0301', '🎉', 'x'.repeat(300)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

/** Control characters, marks of direction, line separators and halves of characters. */
const OBEYED = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/u

describe('visible', () => {
  it.each([
    ['a\u001b[31mb\u0007', 'a\\x1b[31mb\\x07'],
    ['two\nlines\r\n\t', 'two\\nlines\\r\\n\\t'],
    ['\u009b31m \u202eabc\u2066 \u2028', '\\x9b31m \\u202eabc\\u2066 \\u2028'],
    ['\ufeffid \u{e0041}', '\\ufeffid \\u{e0041}'],
    ['half \ud83c', 'half \\ud83c'],
    ['\u2029 \u0601', '\\u2029 \\u0601'],
    ['naïve 層 🎉 👩‍🔬 می‌خواهم C:\\x1b', 'naïve 層 🎉 👩‍🔬 می‌خواهم C:\\x1b'],
  ])('shows what a terminal would obey: %j', (given, shown) => {
    expect(visible(given)).toBe(shown)
  })

  it('leaves nothing that a terminal obeys, and changes nothing twice', () => {
    fc.assert(
      fc.property(anyText, (given) => {
        const shown = visible(given)
        expect(shown).not.toMatch(OBEYED)
        expect(visible(shown)).toBe(shown)
      }),
    )
  })
})

describe('text for a terminal', () => {
  it('has line breaks and colors of our own only, even where the data holds the same ones', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.boolean(), fc.integer({ min: 20, max: 90 }), (a, b, color, width) => {
        const shown = text`${bold(red(a))}: ${b}\n`
        const sent = render(shown, color, width)
        const ours = color && a !== '' ? /\u001b\[(1;31|0)m/g : /$^/g
        for (const line of sent.replaceAll(ours, '').split('\n')) {
          expect(line).not.toMatch(OBEYED)
          expect(widthOf(line)).toBeLessThanOrEqual(width)
        }
        expect(render(shown, false, Infinity)).toBe(`${visible(a)}: ${visible(b)}\n`)
        const words = (written: string): string => written.replaceAll(/\s/g, '')
        expect(words(render(shown, false, width))).toBe(words(`${visible(a)}: ${visible(b)}`))
      }),
    )
  })

  it('wraps at words, farther right than the line began', () => {
    const line = lines(['  a line that has more words than fit', 'short'])
    expect(render(line, false, 20)).toBe('  a line that has\n    more words than\n    fit\nshort\n')
    expect(render(text`${red('one two')} three four five\n`, true, 20)).toBe(
      '\u001b[31mone two\u001b[0m three four\n  five\n',
    )
  })

  it('counts the cells of what is shown', () => {
    expect(['abc', '層の', 'e\u0301', '🎉', '👩‍🔬'].map(widthOf)).toEqual([3, 4, 1, 2, 4])
    expect(['ＡＢ', 'می\u200cخواهم'].map(widthOf)).toEqual([4, 7])
    expect(clip('層の名前', 5)).toBe('層の…')
    expect(['abc', '層の'].map((name) => clip(name, widthOf(name)))).toEqual(['abc', '層の'])
    expect(padded('層', 4)).toBe('層  ')
    expect(padded('層の', 3)).toBe('層の')
    expect(wrap('層の 名前', 5)).toEqual(['層の', '名前'])
  })

  it.each([
    ['at the last gap of several spaces in a line', 'one twos  three  four', 15, ['one twos  three', 'four']],
    [
      'at such a gap rather than behind it',
      'first column  and more words',
      20,
      ['first column', 'and more words'],
    ],
    [
      'at single spaces where a gap is in the first half',
      'seven x  then other words',
      20,
      ['seven x  then other', 'words'],
    ],
    [
      'within a word that is longer than its line, but not before it',
      '  abcdefghij',
      6,
      ['  abcd', 'efghij'],
    ],
  ])('wraps %s', (_title, given, width, wanted) => {
    expect(wrap(given, width)).toEqual(wanted)
  })
})

describe('a table', () => {
  it('fits its width, whatever the cells hold', () => {
    const row = fc.tuple(anyText, anyText, anyText, fc.integer().map(String))
    fc.assert(
      fc.property(fc.array(row, { maxLength: 4 }), fc.integer({ min: 20, max: 120 }), (rows, width) => {
        const columns = [{ title: 'name' }, { title: 'type' }, { title: 'values' }, ...numbers('number')]
        for (const line of table(columns, rows, width)) {
          expect(line).not.toMatch(OBEYED)
          expect(widthOf(line)).toBeLessThanOrEqual(width)
        }
        const [first = '', ...rest] = table(columns, rows, Infinity)
        for (const line of rest) expect(widthOf(line)).toBe(widthOf(first))
      }),
    )
  })

  it('wraps cells at words, then folds columns, and leaves out columns without a value', () => {
    const columns = [{ title: 'run' }, ...numbers('loss'), { title: 'note' }, { title: 'empty' }]
    const rows = [
      ['runs/a/001', '0.5', 'some words about a run', ''],
      ['runs/a/002', '0.25', '-', ''],
    ]
    expect(table(columns, rows, 40)).toEqual([
      '┏━━━━━━━━━━━━┳━━━━━━┳━━━━━━━━━━━━━━━━━━┓',
      '┃ run        ┃ loss ┃ note             ┃',
      '┡━━━━━━━━━━━━╇━━━━━━╇━━━━━━━━━━━━━━━━━━┩',
      '│ runs/a/001 │  0.5 │ some words about │',
      '│            │      │ a run            │',
      '│ runs/a/002 │ 0.25 │ -                │',
      '└────────────┴──────┴──────────────────┘',
    ])
    expect(table(columns, rows, 32)).toEqual([
      '┏━━━━━━━━━━━━┳━━━━━━┓',
      '┃ run        ┃ loss ┃',
      '┡━━━━━━━━━━━━╇━━━━━━┩',
      '│ runs/a/001 │  0.5 │',
      '│ runs/a/002 │ 0.25 │',
      '└────────────┴──────┘',
      '┏━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓',
      '┃ run        ┃ note            ┃',
      '┡━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩',
      '│ runs/a/001 │ some words      │',
      '│            │ about a run     │',
      '│ runs/a/002 │ -               │',
      '└────────────┴─────────────────┘',
    ])
  })
})

describe('JSON', () => {
  it('is the same value, in characters that a terminal shows', () => {
    fc.assert(
      fc.property(anyText, (given) => {
        const json = jsonText({ [given]: given })
        expect(json).not.toMatch(OBEYED)
        expect(JSON.parse(json)).toEqual({ [given]: given })
      }),
    )
  })

  it('escapes what a terminal obeys unit by unit, and nothing else', () => {
    expect(jsonText('\u2028\u2029 \u{e0041} 層 👩‍🔬 می\u200cخواهم')).toBe(
      '"\\u2028\\u2029 \\udb40\\udc41 層 👩‍🔬 می\u200cخواهم"',
    )
  })
})

it('messages leave out the middle of very long words', () => {
  expect(shorten(`"${'x'.repeat(10_000)}" is no column`)).toBe(
    `"${'x'.repeat(149)}…${'x'.repeat(49)}" is no column`,
  )
  expect(shorten('word '.repeat(10_000)).length).toBe(2000)
})

describe('a screen', () => {
  const screen = (isTTY: boolean, env: NodeJS.ProcessEnv, columns?: number) => {
    let sent = ''
    const stream = Object.assign(
      new Writable({ write: (chunk: Buffer, _encoding, done) => void ((sent += chunk.toString()), done()) }),
      { isTTY, ...(columns !== undefined && { columns }) },
    )
    return { screen: new Screen(stream, env), sent: () => sent }
  }

  it.each([
    ['a terminal', true, {}, 100, 100],
    ['a terminal that does not know its width', true, {}, 0, 80],
    ['a terminal and COLUMNS', true, { COLUMNS: '60' }, 100, 60],
    ['a pipe', false, {}, undefined, Infinity],
    ['a pipe and COLUMNS', false, { COLUMNS: '60' }, undefined, 60],
    ['COLUMNS that is no width', false, { COLUMNS: 'wide' }, undefined, Infinity],
  ])('has the width of %s', (_, isTTY, env, columns, width) => {
    expect(screen(isTTY, env, columns).screen.width).toBe(width)
  })

  it('writes data as it is, but not to a terminal', () => {
    const [file, terminal] = [screen(false, {}), screen(true, {})]
    for (const one of [file, terminal]) one.screen.writeData('row,\u001b[31m\n1,2\n')
    expect([file.sent(), terminal.sent()]).toEqual(['row,\u001b[31m\n1,2\n', 'row,\\x1b[31m\n1,2\n'])
  })

  it('draws on terminals without NO_COLOR only', () => {
    const draws = (isTTY: boolean, env: NodeJS.ProcessEnv) => screen(isTTY, env).screen.draws
    expect([draws(true, {}), draws(true, { NO_COLOR: '' })]).toEqual([true, true])
    expect([draws(false, {}), draws(true, { NO_COLOR: '1' }), draws(true, { TERM: 'dumb' })]).toEqual(
      Array(3).fill(false),
    )
  })
})
