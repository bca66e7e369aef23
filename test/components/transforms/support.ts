import { transforms } from '../../../src/components/transforms/index.ts'
import type { Encoding } from '../../../src/components/transforms/transform.ts'

/** An encoding fitted on texts, after its state went through JSON as it does in a saved model. */
export function fitTexts(config: unknown, texts: Iterable<string>): Encoding {
  const parsed = transforms.ref().parse(config)
  const member = transforms.of(parsed)
  if (member.kind !== 'encoding') throw new Error(`${member.type} is no encoding`)
  const state: unknown = JSON.parse(JSON.stringify(member.fit(texts, parsed)))
  return member.restore(state)
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
