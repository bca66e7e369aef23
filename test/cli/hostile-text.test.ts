import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { commands } from '../../src/cli/commands/index.ts'
import { jsonText } from '../../src/report/text/json-text.ts'
import { folderOf, nnlab } from './support.ts'
import type { RunOptions } from './support.ts'

/** Colors, titles, links, the clipboard, line breaks, marks of direction and C1 controls. */
const OBEYED_STRINGS = [
  '\u001b[35;5m\u001b]0;PWN\u0007',
  '\u001b]8;;https://x.example\u001b\\link\u001b]52;c;Y2FsYw==\u0007',
  'a\nerror: forged\r\nb\u2028c\u0085d\u000be',
  '\u202etxt.exe\u2066x\u200f',
  '\u009b2J\u009d0;PWN\u009c\u007f\u0008',
]
const HOSTILE = {
  'strings that a terminal would obey': OBEYED_STRINGS.join(' '),
  '10,000 characters': 'x'.repeat(10_000),
} as const

/* eslint-disable no-control-regex -- control characters are what this is about */

/** Sequences that nnlab sends itself: tones, and what bars move and clear. */
const OURS =
  /\u001b\[(?:0|1|2|31|33|36|1;3[13]|\?25[lh]|\?7[lh]|\d*[AG]|[02]?[JK]|38;[25](?:;\d+)+;48;[25](?:;\d+)+m)m?/g
const OBEYED = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/u

/** A pipe, a terminal, and a terminal without colors. */
const SCREENS: readonly RunOptions[] = [{}, { isTTY: true }, { isTTY: true, env: { NO_COLOR: '1' } }]
let turn = 0

/**
 * Runs a command line on one screen, the next one each time (on every one with NNLAB_SCREENS=all); nothing that it writes
 * is obeyed.
 */
async function staysVisible(argv: readonly string[], options: RunOptions): Promise<number> {
  let code = 0
  const next = turn++ % SCREENS.length
  for (const screen of process.env['NNLAB_SCREENS'] === 'all' ? SCREENS : SCREENS.slice(next, next + 1)) {
    const ran = await nnlab(argv, { ...options, ...screen })
    const colored = screen.isTTY === true && screen.env === undefined
    const isCsv = argv[0] === 'predict' && !argv.includes('--json') && screen.isTTY !== true
    for (const text of [isCsv ? '' : ran.stdout, ran.stderr]) {
      expect(colored ? text.replaceAll(OURS, '') : text).not.toMatch(OBEYED)
      // A quoted field of csv has its line breaks on a terminal, too.
      if (argv[0] !== 'predict') expect(text).not.toMatch(/^error: forged/m)
    }
    // A bug of ours would print a stack.
    expect(ran.code, ran.stderr).not.toBe(1)
    code = ran.code
  }
  return code
}

/** A string for YAML and JSON, which take some control characters as escapes only. */
const quoted = jsonText

/** A config of two classes; `keys` replaces its lines. */
function config(keys: Readonly<Record<string, string>> = {}): string {
  const lines: Record<string, string> = {
    name: 'plain',
    data: '{type: csv, path: rows.csv, target: label, split: {test: 0.25, stratify: true}}',
    model: '{input: [2], layers: [{type: dense, units: 2, activation: softmax}]}',
    compile: '{loss: categorical_crossentropy, optimizer: sgd, metrics: [accuracy]}',
    fit: '{epochs: 1}',
    ...keys,
  }
  return Object.entries(lines)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')
}

function csv(text: string): string {
  const field = (value: string): string => `"${value.replaceAll('"', '""')}"`
  const rows = Array.from({ length: 16 }, (_, i) => `${i},${(i * 7) % 5},${field(`${i % 2}${text}`)}`)
  return [`${field(`a${text}`)},b,label`, ...rows, ''].join('\n')
}

describe.each(Object.entries(HOSTILE))('%s are shown, not obeyed', { timeout: 300_000 }, (_, text) => {
  it('in a config', async () => {
    const string = quoted(`a${text}`)
    const broken: Record<string, string>[] = [
      { [string]: '1' },
      { name: string },
      { data: `{type: csv, path: ${string}, target: label}` },
      { data: `{type: csv, path: rows.csv, target: ${string}, features: [${string}]}` },
      { data: `{type: ${string}}` },
      { model: `{input: [2], layers: [{type: dense, name: ${string}, units: 2, from: ${string}}]}` },
      { model: `{input: [2], layers: [{type: ${string}}, {type: dense, units: ${string}}]}` },
      { model: `{inputs: {${string}: [2]}, layers: [{type: dense, units: 2}], outputs: ${string}}` },
      { compile: `{loss: ${string}, optimizer: {type: sgd, ${string}: 1}, metrics: [${string}]}` },
      { fit: `{epochs: 1, callbacks: [{type: early_stopping, monitor: ${string}}]}` },
      { extends: string },
    ]
    const cwd = await folderOf({ 'rows.csv': csv('') })
    for (const keys of broken) {
      await writeFile(join(cwd, 'nnlab.yaml'), config(keys))
      for (const command of [
        ['validate'],
        ['validate', '--json'],
        ['validate', '--format', 'github'],
        ['summary'],
      ])
        await staysVisible(command, { cwd })
      await staysVisible(['data'], { cwd })
      await staysVisible(['train', '--run-dir', 'run', '--set', 'fit.epochs=0'], { cwd })
    }
  })

  it('in arguments', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': config(), 'rows.csv': csv('') })
    const word = `a${text}`
    expect(await staysVisible([word], { cwd })).toBe(2)
    for (const { name } of commands) {
      for (const argv of [[word], ['x', 'y', word], [`--${word}`], ['--set', word], ['--set', `${word}=1`]])
        await staysVisible([name, ...argv], { cwd })
    }
    for (const argv of [
      ['predict', word, word],
      ['evaluate', 'nnlab.yaml', '--data', word, '--from', word],
    ])
      await staysVisible(argv, { cwd })
    await staysVisible(['explain', 'fit', word], { cwd })
    await staysVisible(['--get-completions', `nnlab train ${word}`], { cwd })
  })

  it('in data, labels, names of columns and files, and through a whole run', async () => {
    // Names of files are short; some characters make a pattern of them.
    const short = text.replaceAll(/[^\w\s\p{C}]/gu, '').slice(0, 100)
    const name = `rows${short}.csv`
    const cwd = await folderOf({ [name]: csv(text) })
    const data = `{type: csv, path: ${quoted(name)}, target: label, split: {test: 0.25, stratify: true}}`
    await writeFile(join(cwd, 'nnlab.yaml'), config({ data }))
    await staysVisible(['data'], { cwd })
    await staysVisible(['data', '--json'], { cwd })
    const run = `run${short}`
    const trained = await nnlab(['train', '--run-dir', run], { cwd, isTTY: true })
    expect(trained.code, trained.stderr).toBe(0)
    for (const argv of [
      ['train', '--resume', run],
      ['train', '--run-dir', run],
      ['runs', '.'],
      ['runs', '.', '--json'],
      ['diff', run, run],
      ['evaluate', run],
      ['evaluate', run, '--json'],
      ['predict', run, name],
      ['predict', run, name, '--json'],
      ['summary', run],
      ['verify', run],
      ['--get-completions', 'nnlab evaluate runs'],
    ])
      await staysVisible(argv, { cwd })
  })

  it('in the files of a run', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': config(), 'rows.csv': csv('') })
    await nnlab(['train', '--run-dir', 'run', '--quiet'], { cwd })
    await nnlab(['train', '--run-dir', 'other', '--quiet'], { cwd })
    const files = await readdir(join(cwd, 'run'), { recursive: true })
    for (const file of files.filter((one) => /\.(json|csv|yaml)$/.test(one))) {
      const path = join(cwd, 'run', file)
      const whole = await readFile(path, 'utf8')
      const changed = file.endsWith('.json')
        ? [
            whole.replaceAll(/: "([^"]*)"/g, (_match, value: string) => `: ${quoted(value + text)}`),
            whole.replaceAll(/"(\w+)":/g, (_match, key: string) => `${quoted(key + text)}:`),
            whole.replace(
              /"(loss|accuracy|name|started)":/,
              (_match, key: string) => `${quoted(text + key)}:`,
            ),
          ]
        : [whole.replaceAll('loss', quoted(`loss${text}`)), `${text}${whole}`]
      for (const content of changed) {
        await writeFile(path, content)
        for (const argv of [
          ['runs', '.'],
          ['diff', 'run', 'other'],
          ['evaluate', 'run'],
          ['summary', 'run'],
          ['train', '--resume', 'run'],
        ])
          await staysVisible(argv, { cwd })
      }
      await mkdir(join(cwd, 'run'), { recursive: true })
      await writeFile(path, whole)
    }
  })
})
