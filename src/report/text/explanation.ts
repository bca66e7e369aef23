import type { KeyExplanation, KeySummary } from '../../spec/explain.ts'
import { paint } from './paint.ts'
import { wrap } from './wrap.ts'

export type ExplanationStyle = { readonly color: boolean; readonly width: number }

/** An explanation for a terminal. */
export function renderExplanation(explanation: KeyExplanation, { color, width }: ExplanationStyle): string {
  const { path, description, type, required, keys, members } = explanation
  const style = paint(color)
  const [first = '', ...rest] = wrap([path, description].filter((part) => part !== '').join(': '), width)
  const title = first.startsWith(path) ? style.bold(path) + first.slice(path.length) : first
  const facts: NamedText[] = [
    ...(type === undefined ? [] : [{ name: 'type', text: type }]),
    ...(explanation.default === undefined ? [] : [{ name: 'default', text: valueText(explanation.default) }]),
    ...(required === true ? [{ name: 'required', text: '' }] : []),
  ]
  const options = keys.map((key) => ({ name: key.key, text: key.description, aside: `(${factsOf(key)})` }))
  const names = members.map(({ name, summary }) => ({ name, text: summary }))
  const plain = (text: string): string => text
  return [
    title,
    ...rest,
    ...columns(facts, width, { name: plain, aside: plain }),
    ...[options, names]
      .filter((rows) => rows.length > 0)
      .flatMap((rows) => ['', ...columns(rows, width, { name: style.cyan, aside: style.dim })]),
    '',
  ].join('\n')
}

type NamedText = { readonly name: string; readonly text: string; readonly aside?: string }
type Tone = (text: string) => string

/** Names in one column, texts in another; an aside that does not fit after its text goes below it. */
function columns(
  rows: readonly NamedText[],
  width: number,
  tones: { readonly name: Tone; readonly aside: Tone },
): string[] {
  const nameWidth = Math.max(...rows.map(({ name }) => name.length))
  const textWidth = Math.max(NARROWEST, width - nameWidth - 4)
  return rows.flatMap(({ name, text, aside = '' }) => {
    const lines = wrap(text, textWidth)
    const last = lines.at(-1) ?? ''
    if (aside !== '' && last.length + 1 + aside.length <= textWidth) {
      lines.splice(-1, 1, `${last} ${tones.aside(aside)}`)
    } else if (aside !== '') lines.push(...wrap(aside, textWidth).map(tones.aside))
    return lines.map((line, i) => {
      const head = i === 0 ? tones.name(name) + ' '.repeat(nameWidth - name.length) : ' '.repeat(nameWidth)
      return `  ${head}  ${line}`.trimEnd()
    })
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
