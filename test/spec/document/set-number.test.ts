import { describe, expect, it } from 'vitest'

import { setNumber } from '../../../src/spec/document/set-number.ts'

const set = (text: string): string | undefined =>
  setNumber(text, ['compile', 'optimizer'], 'learning_rate', 0.02)

describe('setNumber', () => {
  it.each([
    [
      'a number',
      'compile: {optimizer: {type: adam, learning_rate: 1e-3}} # why',
      'compile: {optimizer: {type: adam, learning_rate: 0.02}} # why',
    ],
    [
      'a bare name',
      'compile:\n  optimizer: adam   # fast\n',
      'compile:\n  optimizer: {type: adam, learning_rate: 0.02}   # fast\n',
    ],
    [
      'a map in braces without it',
      'compile: {optimizer: {type: adam}}',
      'compile: {optimizer: {learning_rate: 0.02, type: adam}}',
    ],
    [
      'a map on lines without it',
      'compile:\n  optimizer:\n    # note\n    type: sgd # plain\n',
      'compile:\n  optimizer:\n    # note\n    learning_rate: 0.02\n    type: sgd # plain\n',
    ],
  ])('changes %s and nothing else', (_, text, changed) => {
    expect(set(text)).toBe(changed)
  })

  it.each([
    ['a schedule', 'compile: {optimizer: {type: adam, learning_rate: {type: exponential_decay}}}'],
    ['no optimizer', 'compile: {loss: mse}'],
    ['no config', 'compile: ['],
  ])('leaves %s alone', (_, text) => {
    expect(set(text)).toBeUndefined()
  })
})
