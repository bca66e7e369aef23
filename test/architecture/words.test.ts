import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import ts from 'typescript'
import { describe, expect, it } from 'vitest'

import { NnlabError } from '../../src/errors.ts'
import { sourceFiles } from './source-files.ts'

/** Words and phrases that were replaced by plain ones; docs/vocabulary.md says by which. */
const mended = [
  'belongs into',
  'belong into',
  'expected a text',
  'anew',
  'come out bit for bit',
  'comes out bit for bit',
  'its bits come out',
  'in a way it never should',
  'is wanted',
  'are wanted',
  'be it',
  'of which nothing',
  'as far as it is valid',
  'goes with',
  'so many',
  'breathe',
  'tells of',
  'is no sample weight',
  'the one that it tells',
  'exclude each other',
  'left aside',
  'by heart',
  'next to nothing',
]

const root = new URL('../../', import.meta.url)
const files = sourceFiles()
/** An option as the command line writes it. */
const FLAG = /(^|[\s`'"])--[a-z]/
/** A whole command, which whoever uses nnlab from a program can run, too. */
const COMMANDS = /(\bnnlab |\bwith: )[^`;,]*/g
/** They take options of Node, and the name that diagnostics have for the place of overrides. */
const TAKING_FLAGS: ReadonlySet<string> = new Set(['setFlagsFromString', 'ConfigSource'])

describe('the words of the project', () => {
  it('let docstrings begin with what the thing is', () => {
    const found = files.flatMap(({ path, tree }) =>
      lines(tree.text)
        .filter(
          ({ text, next }) =>
            /\/\*\* (What|Which|Where|Whether|How|Of|So)\b/.test(text) ||
            (/\/\*\*$/.test(text) && /^\s*\* (What|Which|Where|Whether|How|Of|So)\b/.test(next)),
        )
        .map(({ number }) => `${path}:${number}`),
    )
    expect(found).toEqual([])
  })

  it('are plain', () => {
    const phrases = new RegExp(`\\b(${mended.join('|')})\\b`, 'i')
    const texts = [
      ...files.map(({ path, tree }) => ({ path, text: tree.text })),
      ...['README.md', 'CONTRIBUTING.md', ...documents('docs/')].map((path) => ({
        path,
        text: readFileSync(new URL(path, root), 'utf8'),
      })),
    ]
    const found = texts.flatMap(({ path, text }) =>
      lines(text).flatMap(({ text, number }) => {
        const phrase = phrases.exec(text)?.[0]
        return phrase === undefined ? [] : [`${path}:${number}: ${phrase}`]
      }),
    )
    expect(found).toEqual([])
  })

  it('name options below src/cli as programs do: a hint is a function of their names', () => {
    const found = files
      .filter(({ path, tree }) => !path.startsWith('src/cli/') && FLAG.test(tree.text))
      .flatMap(({ path, tree, nodes }) =>
        nodes
          .filter((node) => isText(node) && !isArgument(node))
          .map((node) => node.getText(tree).slice(1, -1).replaceAll('\\`', '`'))
          .filter((text) => FLAG.test(text.replaceAll(COMMANDS, '')))
          .map((text) => `${path}: ${text}`),
      )
    expect(found).toEqual([])
    const error = new NnlabError('wrong', { hint: (option) => `name ${option('runDir')}` })
    expect(error.hint).toBe('name runDir')
    expect(error.hintWith((option) => `--${option}`)).toBe('name --runDir')
  })
})

function isText(node: ts.Node): boolean {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node)
}

/** An argument of another program, or of a function that takes such. */
function isArgument({ parent }: ts.Node): boolean {
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent))
    return TAKING_FLAGS.has(parent.expression.getText())
  return ts.isArrayLiteralExpression(parent)
}

function lines(text: string): { text: string; next: string; number: number }[] {
  const all = text.split('\n')
  return all.map((line, i) => ({ text: line, next: all[i + 1] ?? '', number: i + 1 }))
}

function documents(folder: string): string[] {
  return readdirSync(fileURLToPath(new URL(folder, root)), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && name !== 'vocabulary.md')
    .map((name) => `${folder}${name}`)
}
