// The encoding that bytes seem to have: the characters that are frequent in each tell them apart.

import { isUtf8 } from 'node:buffer'

/** Characters of two bytes that are frequent in an encoding, as latin1 has its bytes; the strictest first. */
const WIDE: readonly (readonly [label: string, frequent: RegExp])[] = [
  ['euc-kr', /[\xb0-\xc8][\xa1-\xfe]/g],
  ['shift_jis', /[\x81-\x83\x88-\x97][\x40-\x7e\x80-\xfc]/g],
  ['euc-jp', /[\xa4\xa5][\xa1-\xfe][\xa1\xb0-\xcf]?/g],
  ['gb18030', /[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]/g],
  ['big5', /[\xa1-\xc6][\x40-\x7e\xa1-\xfe]/g],
]
/** The most of the bytes beyond ASCII that are no part of characters which are frequent. */
const RARE = 0.1

/** Words of other letters than Latin ones, and the letters at their ends. */
const WORDS = /[\xa8\xb8\xc0-\xff]{3,}/g
/** Letters of Eastern Europe that are signs in windows-1252, inside and at the start of words; and those with a caron. */
const [EASTERN, CARONS] = [
  /[a-z][\x9d\x9f\xb3\xb9\xbf][a-z]|(?<![a-z\x80-\xff])[\x8f\xa3\xaf][a-z\xc0-\xff]/i,
  /[\x8a\x8d\x8e\x9a\x9e]/g,
]

/** The encoding of the first bytes of a file. */
export function likelyEncoding(bytes: Uint8Array): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (bytes[1] === 0 && bytes[3] === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (bytes[0] === 0 && bytes[2] === 0)) return 'utf-16be'
  // A piece may end within a character.
  if ([0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut)))) return 'utf-8'
  const text = Buffer.from(bytes).toString('latin1')
  return wideEncoding(bytes, text) ?? narrowEncoding(text)
}

/** The encoding of Chinese, Japanese or Korean text; undefined for others. */
function wideEncoding(bytes: Uint8Array, text: string): string | undefined {
  const beyond = countIn(text, /[\x80-\xff]/g)
  const [best] = WIDE.map(([label, frequent]) => ({
    label,
    rare: countIn(text.replaceAll(frequent, ''), /[\x80-\xff]/g) / beyond,
  }))
    .filter(({ label, rare }) => rare < RARE && isText(bytes, label))
    .toSorted((a, b) => a.rare - b.rare)
  return best?.label
}

function isText(bytes: Uint8Array, label: string): boolean {
  try {
    new TextDecoder(label, { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

/** The encoding of one byte a character. */
function narrowEncoding(text: string): string {
  const beyond = countIn(text, /[\x80-\xff]/g)
  const words = (text.match(WORDS) ?? []).join('')
  if (words.length > beyond / 2) {
    // The a of Cyrillic is frequent; Greek has a rare letter in its place.
    return countIn(words, /[\xc0\xe0]/g) > words.length / 100 ? 'windows-1251' : 'windows-1253'
  }
  return EASTERN.test(text) || countIn(text, CARONS) > beyond / 10 ? 'windows-1250' : 'windows-1252'
}

function countIn(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}
