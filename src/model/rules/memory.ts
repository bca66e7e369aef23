import { amount } from '../../byte-size.ts'
import { errorAt } from '../../diagnostic.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import type { SpecDraft } from '../../spec/check/draft.ts'
import { isMap } from '../../registry.ts'
import type { Outline, OutlineNode } from '../graph.ts'

/** The most numbers of one array, in files and in memory. */
const MOST_NUMBERS = 2 ** 32

/** No array is larger than any machine takes. Of those in a row, the first is reported: the others are large with it. */
export function memoryProblems({ inputs, nodes }: Outline, { data }: SpecDraft): Problem[] {
  const large = (shape: Shape | undefined): boolean => shape !== undefined && sizeOf(shape) > MOST_NUMBERS
  const input = inputs?.find(({ shape }) => large(shape))
  if (input?.shape) {
    const [key, number] = largestOption(data ?? {})
    // An axis may follow from a key of the data, such as the steps of a window, alone or for the most part.
    const path =
      2 * number > Math.max(...input.shape)
        ? ['data', ...key]
        : ['model', inputs?.length === 1 ? 'input' : 'inputs']
    return [problem(`the input ${input.name}`, input.shape, path)]
  }
  for (const node of nodes) {
    const shape = [...(node.parameters ?? []), node].map(({ shape }) => shape).find(large)
    if (shape) return [problem(`the layer ${node.name}`, shape, keyOfSize(node))]
  }
  return []
}

function problem(who: string, shape: Shape, path: ConfigPath): Problem {
  const numbers = sizeOf(shape)
  return errorAt(
    'memory',
    path,
    `${who} asks for an array of ${shape.join(' x ')} numbers, ${amount(4 * numbers)}; an array has ${MOST_NUMBERS} numbers (${amount(4 * MOST_NUMBERS)}) at most`,
    'make it smaller',
  )
}

/** The option of a layer that decides its size: the one with the largest number; the layer where it has none. */
export function keyOfSize({ path, config }: Pick<OutlineNode, 'path' | 'config'>): ConfigPath {
  const [key, number] = largestOption(config ?? {})
  return number > 1 ? [...path, ...key] : path
}

function largestOption(options: Readonly<Record<string, unknown>>): [ConfigPath, number] {
  let largest: [ConfigPath, number] = [[], 0]
  for (const [key, value] of Object.entries(options)) {
    const [inner, number] = isMap(value)
      ? largestOption(value)
      : [[], Math.max(0, ...[value].flat(3).map((item) => (typeof item === 'number' ? item : 0)))]
    if (number > largest[1]) largest = [[key, ...inner], number]
  }
  return largest
}
