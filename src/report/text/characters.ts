/**
 * Characters that a terminal obeys or hides instead of showing: control and format characters, lone surrogates, line
 * separators. Joiners are shown by what they join.
 */
const UNSHOWN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The text with what a terminal would not show as escapes: `\x1b`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSHOWN, (character) => NAMED[character] ?? escapeOf(character.codePointAt(0) ?? 0))
}

function escapeOf(code: number): string {
  const digits = code.toString(16)
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`
}

/** Width of a text in cells of the terminal. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** Length of the leading part of a text that fits into `width` cells. */
export function fittingLength(text: string, width: number): number {
  if (NARROW.test(text)) return Math.min(text.length, width)
  let [length, left] = [0, width]
  for (const character of text) {
    left -= characterWidth(character)
    if (left < 0) return length
    length += character.length
  }
  return length
}

/** A text of at most `width` cells; what is left out at the end is marked. */
export function clip(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${text.slice(0, fittingLength(text, width - 1))}…`
}

/** A name of at most `width` cells; what is left out in the middle is marked: names differ at the end as often as at the beginning. */
export function clipMiddle(name: string, width: number): string {
  if (widthOf(name) <= width) return name
  if (width < 1) return ''
  const half = Math.floor((width - 1) / 2)
  const characters = [...name.slice(-2 * half)]
  while (widthOf(characters.join('')) > half) characters.shift()
  return `${name.slice(0, fittingLength(name, width - 1 - half))}…${characters.join('')}`
}

/** A text that spaces fill up to `width` cells. */
export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'left' ? text + spaces : spaces + text
}

export function characterWidth(character: string): number {
  if (/[\p{Mark}\u200c\u200d]/u.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

const NARROW = /^[\x20-\x7e]*$/

/** East Asian wide characters and emoji. */
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u
