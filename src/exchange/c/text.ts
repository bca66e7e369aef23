// Functions in C that take text apart, as the encodings `tokens` and `sequence` do.
import { FIRST_WORD } from '../../runtime/encodings/tokens.ts'
import type { TokensState } from '../../runtime/encodings/tokens.ts'
import { stringLiteral } from './code.ts'

/** Characters of UTF-8. What is not UTF-8 is the character U+FFFD, as JavaScript reads it. */
export const CHARACTERS = `struct character {
  unsigned long code;
  const char *bytes;
  size_t size;
};

/* Reads a character and moves on; its code is 0 at the end of the text. */
static struct character read_character(const char **text) {
  const unsigned char *const at = (const unsigned char *)*text;
  const size_t more = at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 1 : at[0] < 0xf0 ? 2 : 3;
  struct character read = {more == 0 ? at[0] : at[0] & (0x3fUL >> more), *text, 1};
  while (read.size <= more && (at[read.size] & 0xc0) == 0x80)
    read.code = read.code << 6 | (at[read.size++] & 0x3fUL);
  if (read.size <= more || (more == 0 && at[0] >= 0x80)) read.code = 0xfffd;
  if (read.code != 0) *text += read.size;
  return read;
}

static int is_space(unsigned long code) {
  return (code >= 9 && code <= 13) || code == 32 || code == 0xa0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 || code == 0x202f ||
         code == 0x205f || code == 0x3000 || code == 0xfeff;
}
`

/** The words of a text, one after the other. */
export const WORDS = `struct words {
  const char *text;
  /* What is left of a character that is several in small letters. */
  const char *rest;
  int lower, strip, characters;
};

static struct character next_letter(struct words *words) {
  struct character read;
  if (words->rest != NULL && *words->rest != 0) return read_character(&words->rest);
  read = read_character(&words->text);
  if (words->lower) {
    int low = 0, high = (int)(sizeof small_letters / sizeof *small_letters) - 1;
    while (low <= high) {
      const int middle = (low + high) / 2;
      if (small_letters[middle].code == read.code) {
        words->rest = small_letters[middle].text;
        return read_character(&words->rest);
      }
      if (small_letters[middle].code < read.code) low = middle + 1;
      else high = middle - 1;
    }
  }
  return read;
}

/* Reads the next word; returns 0 at the end. A longer word than any that is known is read as an empty one. */
static int next_word(struct words *words, char *word, size_t size) {
  size_t length = 0;
  for (;;) {
    const struct character letter = next_letter(words);
    const int is_separator = !words->characters && is_space(letter.code);
    if (letter.code == 0 || (is_separator && length > 0)) break;
    if (is_separator) continue;
    if (words->strip && letter.code < 128 && strchr(${stringLiteral('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\'')}, (int)letter.code) != NULL)
      continue;
    if (length + letter.size < size) memcpy(word + length, letter.bytes, letter.size);
    length += letter.size;
    if (words->characters) break;
  }
  word[length < size ? length : 0] = 0;
  return length > 0;
}
`

/** The ids of a list of whole numbers. */
export const IDS = `/* Reads the next id of a list; returns 0 at its end, and -1 for anything else than an id. */
static int next_id(const char **text, double *id) {
  const char *at = *text, *digits;
  for (;;) {
    const char *next = at;
    const unsigned long code = read_character(&next).code;
    if (code == 0) return 0;
    if (!is_space(code) && (code >= 128 || strchr(",;[]", (int)code) == NULL)) break;
    at = next;
  }
  *id = 0.0;
  for (digits = at; *at >= '0' && *at <= '9'; at++) *id = *id * 10.0 + (*at - '0');
  if (at == digits) return -1;
  if (*at == '.')
    do at++;
    while (*at == '0');
  *text = at;
  {
    const unsigned long code = read_character(&at).code;
    return code == 0 || is_space(code) || (code < 128 && strchr(",;[]", (int)code) != NULL) ? 1 : -1;
  }
}
`

/** The ids of words, by their spelling. */
export function wordIds({ words }: TokensState): Map<string, number> {
  return new Map(words.map((word, i) => [word, i + FIRST_WORD]))
}

/** True where a small letter of the words depends on the letters around it: the Greek sigma. */
export function dependsOnNeighbors({ standardize, words }: TokensState): boolean {
  return standardize.startsWith('lower') && words.some((word) => /[σς]/.test(word))
}

/**
 * The table of capital letters with their small ones: those that occur in the words, without which no word is known, and
 * those that become several characters.
 */
export function smallLetters(words: Iterable<string>): string {
  const known = new Set([...words].flatMap((word) => [...word]))
  const entries: string[] = []
  for (let code = 1; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const letter = String.fromCodePoint(code)
    const small = letter.toLowerCase()
    const characters = [...small]
    if (small !== letter && (characters.length > 1 || characters.every((one) => known.has(one))))
      entries.push(`{${code}UL, ${stringLiteral(small)}}`)
  }
  return `/* Capital letters and their small ones. */
static const struct {
  unsigned long code;
  const char *text;
} small_letters[${entries.length}] = {
  ${entries.join(',\n  ')}
};
`
}
