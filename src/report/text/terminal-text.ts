import { visible, widthOf } from './characters.ts'
import { lineRanges } from './wrap.ts'

/** A part of a text and its tone: the parameters of the escape sequence that sets its color, if any. */
type TonedText = { readonly text: string; readonly tone: string }

class Spans {
  readonly spans: readonly TonedText[]

  constructor(spans: readonly TonedText[]) {
    this.spans = spans
  }
}

/**
 * Text for a terminal. Only this file makes it: strings become part of it with their control characters shown as
 * escapes, so that line breaks, colors and commands to the terminal come from our own templates and tones alone.
 */
export type TerminalText = Spans
export type Part = string | number | TerminalText

/** A text by a template, which may hold line breaks; what is put into it may not. */
export function text(template: TemplateStringsArray, ...parts: readonly Part[]): TerminalText {
  return joined(
    template.flatMap((own, i) => [new Spans([{ text: own, tone: '' }]), ...parts.slice(i, i + 1)]),
  )
}

/** Lines of text, each ended. */
export function lines(all: readonly Part[]): TerminalText {
  return joined(all.map((line) => text`${line}\n`))
}

/** Parts one after the other. */
export function joined(parts: readonly Part[]): TerminalText {
  return new Spans(parts.flatMap(spansOf))
}

function spansOf(part: Part): readonly TonedText[] {
  return part instanceof Spans ? part.spans : [{ text: visible(String(part)), tone: '' }]
}

/** Gives parts a tone, beside those that they have. */
export type Tone = (part: Part) => TerminalText

function tone(code: string): Tone {
  return (part) =>
    new Spans(
      spansOf(part).map((span) => ({
        text: span.text,
        tone: span.tone === '' ? code : `${code};${span.tone}`,
      })),
    )
}

export const bold = tone('1')
export const dim = tone('2')
export const red = tone('31')
export const yellow = tone('33')
export const cyan = tone('36')

/** The tone of a foreground and a background, each a color of 256 or of red, green and blue. */
export function colors(foreground: readonly number[], background: readonly number[]): Tone {
  const code = (color: readonly number[]): string => [color.length === 1 ? 5 : 2, ...color].join(';')
  return tone(`38;${code(foreground)};48;${code(background)}`)
}

/** Columns by which a line that is wrapped goes on farther right than it began. */
const HANGING = 2

/** The characters that are sent to a terminal: with or without colors, in lines of at most `width` cells. */
export function render({ spans }: TerminalText, color: boolean, width: number): string {
  const paint = ({ text, tone }: TonedText): string =>
    color && tone !== '' && text !== '' ? `\u001b[${tone}m${text}\u001b[0m` : text
  if (width === Infinity) return spans.map(paint).join('')
  return linesOf(spans)
    .flatMap((line) => wrapped(line, width))
    .map((line) => line.map(paint).join(''))
    .join('\n')
}

function linesOf(spans: readonly TonedText[]): TonedText[][] {
  const all: TonedText[][] = [[]]
  for (const { text, tone } of spans) {
    for (const [i, part] of text.split('\n').entries()) {
      if (i > 0) all.push([])
      all.at(-1)?.push({ text: part, tone })
    }
  }
  return all
}

function wrapped(line: readonly TonedText[], width: number): (readonly TonedText[])[] {
  const plain = line.map(({ text }) => text).join('')
  if (widthOf(plain) <= width) return [line]
  const indent = Math.min((/^ */.exec(plain)?.[0].length ?? 0) + HANGING, Math.floor(width / 2))
  const lead = { text: ' '.repeat(indent), tone: '' }
  return lineRanges(plain, width, width - indent).map(([from, to], i) => [
    ...(i > 0 ? [lead] : []),
    ...cut(line, from, to),
  ])
}

/** The characters from one position to another. */
function cut(line: readonly TonedText[], from: number, to: number): TonedText[] {
  let at = 0
  return line.map(({ text, tone }) => {
    const part = text.slice(Math.max(0, from - at), Math.max(0, to - at))
    at += text.length
    return { text: part, tone }
  })
}
