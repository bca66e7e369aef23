import type { KeyExplanation, KeySummary } from '../../spec/explain.ts'
import { bold, cyan, dim, lines, text } from './terminal-text.ts'
import type { Part, TerminalText, Tone } from './terminal-text.ts'
import { wrap } from './wrap.ts'

/** Explanations for a terminal. */
export function renderExplanations(explanations: readonly KeyExplanation[], width: number): TerminalText {
  return lines(explanations.flatMap((one, i) => [...(i > 0 ? [''] : []), ...explanationLines(one, width)]))
}

function explanationLines(explanation: KeyExplanation, width: number): Part[] {
  const { path, description, type, required, keys, members } = explanation
  const [first = '', ...rest] = wrap([path, description].filter((part) => part !== '').join(': '), width)
  const title = first.startsWith(path) ? text`${bold(path)}${first.slice(path.length)}` : first
  const facts: NamedText[] = [
    ...(type === undefined ? [] : [{ name: 'type', text: type }]),
    ...(explanation.default === undefined ? [] : [{ name: 'default', text: valueText(explanation.default) }]),
    ...(required === true ? [{ name: 'required', text: 'yes' }] : []),
  ]
  const options = keys.map((key) => ({ name: key.key, text: key.description, aside: `(${factsOf(key)})` }))
  const names = members.map(({ name, summary }) => ({ name, text: summary }))
  const plain: Tone = (part) => text`${part}`
  return [
    title,
    ...rest,
    ...columns(facts, width, { name: plain, aside: plain }),
    ...block(path === '' ? 'Sections:' : 'Keys:', options, width),
    ...block('Components:', names, width),
  ]
}

function block(label: string, rows: readonly NamedText[], width: number): Part[] {
  return rows.length === 0 ? [] : ['', label, ...columns(rows, width, { name: cyan, aside: dim })]
}

type NamedText = { readonly name: string; readonly text: string; readonly aside?: string }
type Tones = { readonly name: Tone; readonly aside: Tone }

/** Names in one column, texts in another, or below them where there is no room; an aside that does not fit after its text goes below it. */
function columns(
  rows: readonly NamedText[],
  width: number,
  { name: named, aside: asideTone }: Tones,
): Part[] {
  const nameWidth = Math.max(...rows.map(({ name }) => name.length))
  const isNarrow = width - nameWidth - 4 < NARROWEST
  const textWidth = isNarrow ? width - 4 : width - nameWidth - 4
  return rows.flatMap(({ name, text: described, aside = '' }) => {
    const lines = wrap(described, textWidth)
    const wrapped: Part[] = lines
    const last = lines.at(-1) ?? ''
    if (aside !== '' && last.length + 1 + aside.length <= textWidth) {
      wrapped.splice(-1, 1, text`${last} ${asideTone(aside)}`)
    } else if (aside !== '') wrapped.push(...wrap(aside, textWidth).map(asideTone))
    if (isNarrow) return [text`  ${named(name)}`, ...wrapped.map((line) => text`    ${line}`)]
    return wrapped.map((line, i) =>
      i === 0
        ? text`  ${named(name)}${' '.repeat(nameWidth - name.length)}  ${line}`
        : text`  ${' '.repeat(nameWidth)}  ${line}`,
    )
  })
}

/** Minimum width of the column of texts, in characters. */
const NARROWEST = 24

/** `whole number > 0, default 32`. */
function factsOf(key: KeySummary): string {
  const value = key.default
  return [
    key.type,
    ...(key.required ? ['required'] : []),
    ...(value === undefined ? [] : [`default ${valueText(value)}`]),
  ].join(', ')
}

/** A default as it is written in a config. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-4) return value.toExponential()
  return JSON.stringify(value)
}
