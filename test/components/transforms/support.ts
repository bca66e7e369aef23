import { expect } from 'vitest'

import { transforms } from '../../../src/components/transforms/index.ts'
import type { Encoding } from '../../../src/runtime/encodings/encoding.ts'
import { encodingOf } from '../../../src/runtime/encodings/index.ts'

/** An encoding fitted on texts, after it went through JSON as in a saved model. */
export function fitTexts(config: unknown, texts: Iterable<string>): Encoding {
  const parsed = transforms.ref().parse(config)
  const member = transforms.of(parsed)
  if (member.kind !== 'encoding') throw new Error(`${member.type} is no encoding`)
  const feature = { kind: 'encoded', column: 'a', ...member.fit(texts, parsed) }
  const saved = member.saved().parse(JSON.parse(JSON.stringify(feature)))
  expect(saved.transform).toBe(member.type)
  return encodingOf(saved)
}

/** New texts as numbers, row after row; throws what is wrong with one. */
export function encodeTexts(config: unknown, training: Iterable<string>, texts: readonly string[]): number[] {
  const encoding = fitTexts(config, training)
  const data = new Float32Array(texts.length * encoding.width)
  for (const [row, text] of texts.entries()) {
    const wrong = encoding.write(text, data, row * encoding.width)
    if (wrong !== undefined) throw new Error(`${text} ${wrong}`)
  }
  return [...data]
}
