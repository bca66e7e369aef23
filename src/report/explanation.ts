import type { Explanation, KeySummary } from '../spec/explain.ts'
import { paint } from './paint.ts'

/** An explanation for a terminal. */
export function renderExplanation(explanation: Explanation, { color }: { readonly color: boolean }): string {
  const { path, description, type, required, keys, members } = explanation
  const style = paint(color)
  const facts = [
    ...(type === undefined ? [] : [`  type     ${type}`]),
    ...(explanation.default === undefined ? [] : [`  default  ${valueText(explanation.default)}`]),
    ...(required === true ? ['  required'] : []),
  ]
  const names = members.map(({ name, summary }) => [name, summary] as const)
  const options = keys.map(
    (key) => [key.key, `${key.description} ${style.dim(`(${factsOf(key)})`)}`] as const,
  )
  return [
    [style.bold(path), description].filter((part) => part !== '').join(': '),
    ...facts,
    ...(options.length > 0 ? ['', ...columns(options, style.cyan)] : []),
    ...(names.length > 0 ? ['', ...columns(names, style.cyan)] : []),
    '',
  ].join('\n')
}

function columns(rows: readonly (readonly [string, string])[], tone: (text: string) => string): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${tone(name)}${' '.repeat(width - name.length)}  ${text}`.trimEnd())
}

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
