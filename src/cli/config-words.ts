import { explain } from '../spec/explain.ts'
import type { Explanation } from '../spec/explain.ts'
import { families } from '../spec/schema/families.ts'

/** Completions of a key that `--set` may assign to, and of a component that it may assign: `fit.epochs=`, `compile.optimizer=adam`. */
export function settableKeys(word: string): string[] {
  const assigned = /^(.*)=/.exec(word)?.[1]
  if (assigned !== undefined) {
    return explain(assigned).found.flatMap(({ members }) => members.map(({ name }) => `${assigned}=${name}`))
  }
  return keysBeside(word).flatMap((key) => (keysUnder(key).length > 0 ? [`${key}=`, `${key}.`] : [`${key}=`]))
}

/** Completions of a section, a key, a family or a component, as `explain` takes them. */
export function explainableWords(word: string): string[] {
  if (word.includes('.')) return keysBeside(word)
  const components = [...families.values()].flatMap(({ name, members }) => [
    name,
    ...members.map(({ type }) => type),
  ])
  return [...new Set([...keysUnder(''), ...components])]
}

/** Keys beside the one that is being typed, each with its whole path. */
function keysBeside(word: string): string[] {
  const start = word.slice(0, word.lastIndexOf('.') + 1)
  return keysUnder(start).map((key) => `${start}${key}`)
}

/** Names of the keys under a path, those of every component that it may hold included. */
function keysUnder(path: string): string[] {
  const keys = ({ keys, members }: Explanation): string[] => [
    ...keys.map(({ key }) => key),
    ...members.flatMap(({ name }) =>
      explain(`${path}.${name}`).found.flatMap((one) => one.keys.map(({ key }) => key)),
    ),
  ]
  return [...new Set(explain(path).found.flatMap(keys))]
}
