import { explain, keysUnder } from '../spec/explain.ts'
import { families } from '../components/families.ts'

/** Completions of a key that `--set` may assign to, and of a component that it may assign: `fit.epochs=`, `compile.optimizer=adam`. */
export function settableKeys(word: string): string[] {
  const assigned = /^(.*)=/.exec(word)?.[1]
  if (assigned !== undefined) {
    return explain(assigned).found.flatMap(({ members }) => members.map(({ name }) => `${assigned}=${name}`))
  }
  const start = startOf(word)
  return keysUnder(start).flatMap(({ key, nested }) => {
    const path = `${start}${key}`
    return nested ? [`${path}=`, `${path}.`] : [`${path}=`]
  })
}

/** Completions of a section, a key, a family or a component, as `explain` takes them. */
export function explainableWords(word: string): string[] {
  const start = startOf(word)
  const keys = keysUnder(start).map(({ key }) => `${start}${key}`)
  if (start !== '') return keys
  const components = [...families.values()].flatMap(({ name, members }) => [
    name,
    ...members.map(({ type }) => type),
  ])
  return [...new Set([...keys, ...components])]
}

/** The path up to the key that is being typed. */
function startOf(word: string): string {
  return word.slice(0, word.lastIndexOf('.') + 1)
}
