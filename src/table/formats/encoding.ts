// The encoding that bytes seem to have: the characters that are frequent in each tell them apart.

import { isUtf8 } from 'node:buffer'

/** Characters of two bytes that are frequent in an encoding, as latin1 has its bytes; the strictest first. */
const WIDE: readonly (readonly [label: string, frequent: RegExp])[] = [
  ['euc-kr', /[\xb0-\xc8][\xa1-\xfe]/g],
  ['shift_jis', /[\x81-\x83\x88-\x97][\x40-\x7e\x80-\xfc]/g],
  ['gb18030', /[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]/g],
  ['euc-jp', /[\xa1-\xa5\xb0-\xf4][\xa1-\xfe]/g],
  ['big5', /[\xa1-\xc6][\x40-\x7e\xa1-\xfe]/g],
]
/** Characters that are frequent in tables, for encodings that share their bytes. */
const ALIKE: ReadonlyMap<string, RegExp> = new Map([
  ['euc-kr', /[의이다는을가에로하지한인사시도서자기일번호명성별나구군동주소전화금액합계년월남여]/g],
  [
    'gb18030',
    /[的一是不了在有年月日名姓称地址电话号码性别男女省市区县镇村北京上海广东中国公司会员数量金额合计商品价格店部门学校生内外新高小大]/g,
  ],
  [
    'euc-jp',
    /[ぁ-ヶー年月日名前氏住所電話番号性別男女都道府県市区町村東京大阪北海山川田中本社会員数量金額合計商品価格店部門学校生国内外新高小大]/g,
  ],
])
/** The most of the bytes beyond ASCII that are no part of characters which are frequent. */
const RARE = 0.1

/** Words of other letters than Latin ones, and the letters at their ends. */
const WORDS = /[\xa8\xb8\xc0-\xff]{3,}/g
/** Letters of Eastern Europe that are signs in windows-1252, inside and at the start of words (£m is none); and those with a caron. */
const [EASTERN, CARONS] = [
  /[a-z][\x9d\x9f\xb3\xb9\xbf][a-z]|(?<![a-z\x80-\xff])(?:[\x8f\xaf][a-z\xc0-\xff]|\xa3[aeiouy\xc0-\xff])/i,
  /[\x8a\x8d\x8e\x9a\x9e]/g,
]

/** The encoding of the first bytes of a file. */
export function likelyEncoding(bytes: Uint8Array): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (bytes[1] === 0 && bytes[3] === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (bytes[0] === 0 && bytes[2] === 0)) return 'utf-16be'
  // A piece may end within a character.
  if ([0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut)))) return 'utf-8'
  if (isMostlyUtf8(bytes)) return 'utf-8'
  const text = Buffer.from(bytes).toString('latin1')
  return wideEncoding(bytes, text) ?? narrowEncoding(text)
}

/** True for UTF-8 with some stray bytes, as of files that were joined: other encodings hardly ever have its sequences. */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes)
  return 2 * countIn(text, /\ufffd/g) < countIn(text, /[^\0-\x7f\ufffd]/g)
}

/** The encoding of Chinese, Japanese or Korean text; undefined for others. */
function wideEncoding(bytes: Uint8Array, text: string): string | undefined {
  const beyond = countIn(text, /[\x80-\xff]/g)
  const candidates = WIDE.map(([label, frequent]) => ({
    label,
    frequent,
    rare: countIn(text.replaceAll(frequent, ''), /[\x80-\xff]/g) / beyond,
  }))
    .filter(
      ({ label, frequent, rare }) =>
        rare < RARE && textIn(bytes, label) !== undefined && hasWords(text, frequent),
    )
    .toSorted((a, b) => a.rare - b.rare)
  const [best] = candidates
  if (best === undefined || !ALIKE.has(best.label)) return best?.label
  const [alike] = candidates
    .map(({ label }) => ({ label, known: countIn(textIn(bytes, label) ?? '', ALIKE.get(label) ?? /(?!)/g) }))
    .toSorted((a, b) => b.known - a.known)
  return alike?.label
}

/**
 * True where characters of two bytes make words, or have a second byte that is no letter: the signs before letters in
 * "°C", "µg" and "don’t" look like the first byte of a character.
 */
function hasWords(text: string, frequent: RegExp): boolean {
  const characters = [...new Set(text.match(frequent))]
  const runs = text.match(new RegExp(`(?:${frequent.source}){2,}`, 'g')) ?? []
  const inRuns = new Set(runs.flatMap((run) => run.match(frequent) ?? []))
  const sure = characters.filter((one) => inRuns.has(one) || one.charCodeAt(1) >= 0x80)
  return sure.length >= characters.length / 2
}

/** The text of the first bytes of a file; undefined where they have none in this encoding. */
function textIn(bytes: Uint8Array, label: string): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return undefined
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
