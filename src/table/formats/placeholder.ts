/** Words that people write where there is no value, such as - or \\N. */
const PLACEHOLDER =
  /^([^\p{L}\p{N}]*|#(div\/0|n\/?[av]|name|null|num|ref|value|wert|zahl|bezug|valeur|nombre)[!?]?|\\n|n\W?[adv]\W?|k\W{0,2}a\W?|nan|none|null|nil|unknown|missing|empty)$/iu
/** True for a word that stands for no value wherever it is written. */
export function isPlaceholder(word: string): boolean {
  return PLACEHOLDER.test(word)
}
