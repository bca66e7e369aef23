import type { Explanation, KeySummary } from '../../spec/explain.ts'
import { paint } from './paint.ts'
import { wrap } from './wrap.ts'

export type ExplanationStyle = { readonly color: boolean; readonly width: number }

/** An explanation for a terminal. */
export function renderExplanation(explanation: Explanation, { color, width }: ExplanationStyle): string {
  const { path, description, type, required, keys, members } = explanation
  const style = paint(color)
  const [first = '', ...rest] = wrap([path, description].filter((part) => part !== '').join(': '), width)
  const title = first.startsWith(path) ? style.bold(path) + first.slice(path.length) : first
  const facts: Row[] = [
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

type Row = { readonly name: string; readonly text: string; readonly aside?: string }
type Tone = (text: string) => string

/** Names, and beside them their texts in a column of its own; an aside that does not fit behind its text goes below. */
function columns(
  rows: readonly Row[],
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

/** The column of texts keeps at least so many characters. */
const NARROWEST = 24

/** `whole number > 0, default 32`. */
export function factsOf(key: KeySummary): string {
  const value = key.default
  return [
    key.type,
    ...(key.required ? ['required'] : []),
    ...(value === undefined ? [] : [`default ${valueText(value)}`]),
  ].join(', ')
}

/** A default as one writes it in a config. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-4) return value.toExponential()
  return JSON.stringify(value)
}
