import { createHash } from 'node:crypto'

import { DataError } from '../errors.ts'
import type { Graph, GraphNode } from '../model/graph.ts'
import { inputsBefore } from '../model/sizes.ts'
import type { Weights } from '../model/weights.ts'
import { FIRST_WORD } from '../runtime/encodings/tokens.ts'
import type { Preprocessing } from '../runtime/preprocessing.ts'
import type { FileAccess } from '../table/files/file.ts'
import { readWordVectors } from '../table/formats/word-vectors.ts'
import { list } from '../wording.ts'

/** Weights of embeddings from files, remarks on them, and the SHA-256 of the files. */
type WordVectors = {
  readonly weights: Weights
  readonly notes: readonly string[]
  readonly fingerprint: string
}

/**
 * The vectors that training begins with, row by row of the vocabulary of the text that an embedding looks up, but of the
 * parameters that have weights by then. Words that the file lacks, padding and unknown words begin at 0. Undefined where no
 * embedding names a file.
 */
export async function wordVectors(
  graph: Graph,
  preprocessing: Preprocessing,
  taken: Weights,
  access: Pick<FileAccess, 'directory' | 'stdin'>,
): Promise<WordVectors | undefined> {
  const named = graph.nodes.flatMap((node) => {
    const path = node.component.vectorsPath?.(node.config)
    const [parameter] = node.parameters
    return path === undefined || parameter === undefined || taken.has(parameter.id)
      ? []
      : [{ node, path, parameter }]
  })
  if (named.length === 0) return undefined
  const fingerprint = createHash('sha256')
  const weights = new Map<string, Float32Array>()
  const notes: string[] = []
  for (const { node, path, parameter } of named) {
    const words = wordsOf(node, graph, preprocessing)
    const [rows = 0, size = 0] = parameter.shape
    const vectors = await readWordVectors(path, new Set(words), size, { ...access, fingerprint })
    const values = new Float32Array(rows * size)
    for (const [i, word] of words.entries()) values.set(vectors.get(word) ?? [], (FIRST_WORD + i) * size)
    weights.set(parameter.id, values)
    notes.push(vectorsNote(node, path, words, vectors))
  }
  return { weights, notes, fingerprint: fingerprint.digest('hex') }
}

/** The words of the only column that an embedding looks up. */
function wordsOf({ name }: GraphNode, graph: Graph, { inputs }: Preprocessing): readonly string[] {
  const [source, ...others] = inputsBefore(name, graph)
  const [feature, ...further] = inputs.find((input) => input.name === source)?.features ?? []
  const isOne = others.length === 0 && further.length === 0
  if (isOne && feature?.kind === 'encoded' && feature.transform === 'tokens') return feature.state.words
  throw new DataError(`embeddings of ${name}: the layer looks up ${source ?? 'nothing'}, which is not text`, {
    hint: 'vectors of a file belong to the words of one column with the transform tokens',
  })
}

/** The most words that the note names. */
const MOST_NAMED = 8

function vectorsNote(
  { name }: GraphNode,
  path: string,
  words: readonly string[],
  vectors: ReadonlyMap<string, Float32Array>,
): string {
  const missing = words.filter((word) => !vectors.has(word))
  const found = `${name}: ${path} has vectors for ${vectors.size} of ${words.length} words`
  return missing.length === 0 ? found : `${found}; the others begin at 0: ${list(missing, MOST_NAMED)}`
}
