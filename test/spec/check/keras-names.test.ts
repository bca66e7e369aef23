import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { families } from '../../../src/components/families.ts'
import { canonical } from '../../../src/nearest.ts'
import { hintForKey, hintForName } from '../../../src/spec/check/hints.ts'
import { specSchema } from '../../../src/spec/schema/spec.ts'
import { readGolden } from '../../golden/golden.ts'

const Names = z.record(z.string(), z.array(z.string()))
const golden = readGolden(
  'names',
  z.object({ families: Names, arguments: Names, options: z.record(z.string(), Names) }),
)
const page = readFileSync(new URL('../../../docs/reference/keras.md', import.meta.url), 'utf8')
const listed = new Set([...page.matchAll(/`(\w+)`/g)].map(([, name = '']) => canonical(name)))

/** A hint that is a guess by letters or a list is no answer. */
const noAnswer = /^(use one of|the keys here are|`nnlab explain|it belongs in the `data`)|^did you mean/

const familyOf = (name: string) => {
  const family = families.get(name)
  if (family === undefined) throw new Error(`there is no family ${name}`)
  return family
}

describe('names of Keras', () => {
  it.each(Object.entries(golden.families))('are components or get an answer: %s', (name, members) => {
    const family = familyOf(name)
    const lacking = members.filter((member) => family.find(member) === undefined)
    const answers = lacking.map((member) => [member, hintForName(name, member) ?? 'nothing'])
    expect(answers.filter(([, answer = '']) => noAnswer.test(answer))).toEqual([])
    expect(lacking.filter((member) => !listed.has(canonical(member)))).toEqual([])
  })

  it.each(Object.entries(golden.options))('are options or get an answer: %s', (name, byMember) => {
    const family = familyOf(name)
    const wrong = Object.entries(byMember).flatMap(([keras, options]) => {
      const member = family.find(keras)
      if (member === undefined) return []
      const known = Object.keys(family.schemaOf(member).shape)
      return options
        .filter((option) => !known.includes(option))
        .map((option) => [keras, option, hintForKey(option, known, ['model', 'layers', 0]).hint ?? 'nothing'])
        .filter(([, , answer = '']) => noAnswer.test(answer))
    })
    expect(wrong).toEqual([])
  })

  it.each(Object.entries(golden.arguments))('are keys or get an answer: arguments of %s', (name, args) => {
    const section = name === 'compile' ? 'compile' : name === 'fit' ? 'fit' : 'model'
    const { shape } = specSchema()
    const inner: unknown = shape[section]
    const known = inner instanceof z.ZodObject ? Object.keys(inner.shape) : []
    const answers = args
      .filter((argument) => !known.includes(argument))
      .map((argument) => [argument, hintForKey(argument, known, [section]).hint ?? 'nothing'])
    expect(answers.filter(([, answer = '']) => /^(the keys here are|nothing)/.test(answer))).toEqual([])
  })
})
