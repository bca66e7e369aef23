import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

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
]

const root = new URL('../../', import.meta.url)

describe('the words of the project', () => {
  it('let docstrings begin with what the thing is', () => {
    const found = sourceFiles().flatMap(({ path, tree }) =>
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
      ...sourceFiles().map(({ path, tree }) => ({ path, text: tree.text })),
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
})

function lines(text: string): { text: string; next: string; number: number }[] {
  const all = text.split('\n')
  return all.map((line, i) => ({ text: line, next: all[i + 1] ?? '', number: i + 1 }))
}

function documents(folder: string): string[] {
  return readdirSync(fileURLToPath(new URL(folder, root)), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && name !== 'vocabulary.md')
    .map((name) => `${folder}${name}`)
}
