/** Characters that JSON allows in strings and that terminals obey or hide. */
const UNSHOWN = /[\x7f-\x9f\u2028\u2029]|(?![\u200c\u200d])\p{Cf}/gu

/** A value as JSON whose strings show every character: the same value, whatever reads it. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(UNSHOWN, (character) =>
    Array.from({ length: character.length }, (_, i) => unitEscape(character.charCodeAt(i))).join(''),
  )
}

function unitEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
