// Raw rows in C: the struct of a row, and the numbers of the inputs that are made of it.
import { sizeOf } from '../../ir/ir.ts'
import { cycles } from '../../runtime/encodings/date.ts'
import type { DatePart, DateState } from '../../runtime/encodings/date.ts'
import type { SequenceForm, SequenceState } from '../../runtime/encodings/sequence.ts'
import { UNKNOWN } from '../../runtime/encodings/tokens.ts'
import type { TokensState } from '../../runtime/encodings/tokens.ts'
import { rawColumns } from '../../runtime/columns.ts'
import type {
  ArrayFeature,
  EncodedFeature,
  Feature,
  NumberFeature,
  Preprocessing,
} from '../../runtime/preprocessing.ts'
import { widthOf, widthOfAll } from '../../runtime/replay.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import { required } from '../../step/step-program.ts'
import { dayPattern } from '../day-pattern.ts'
import { categoryCodes, missingWords, REFUSED } from '../category-codes.ts'
import { Code, commentText, constantArray, doubleLiteral, stringLiteral } from './code.ts'
import { DATES, DAYS, SPELLINGS } from './support.ts'
import { identifiers } from './names.ts'
import { CHARACTERS, dependsOnNeighbors, IDS, smallLetters, wordIds, WORDS } from './text.ts'

/** The parts of a date in the order of `parse_date`. */
const PARTS: readonly DatePart[] = ['year', 'month', 'day', 'weekday', 'hour', 'minute']

/** The transforms that C has no code for, by column. */
export function lackingTransforms({ inputs, text }: Preprocessing): string[] {
  return inputs
    .flatMap(({ features }) => features)
    .flatMap((feature) => {
      if (feature.kind !== 'encoded') return []
      const { column, transform, state } = feature
      if (transform === 'tokens' && dependsOnNeighbors(state))
        return [`column ${column}: words in lower case with a Greek sigma`]
      const pattern = transform === 'date' ? text?.formats?.[column] : undefined
      return pattern === undefined || isDayInAscii(pattern) ? [] : [`column ${column}: dates as ${pattern}`]
    })
}

function isDayInAscii(pattern: string): boolean {
  return dayPattern(pattern)?.separators.every((one) => one <= '\u007f') === true
}

/** The fields of the struct of a row. */
export function rowFields(preprocessing: Preprocessing): string {
  const columns = rawColumns(preprocessing)
  const names = identifiers(columns.map(({ name }) => name))
  return columns
    .map(({ name, kind, shape }) => {
      const field = names.get(name) ?? ''
      const own = field === name ? '' : ` /* ${commentText(name)} */`
      if (kind === 'string') return `  const char *${field};${own}\n`
      return `  double ${field}${kind === 'array' ? `[${sizeOf(shape)}]` : ''};${own}\n`
    })
    .join('')
}

/** Arrays of the inputs, and the numbers of vectors of embeddings that these look up, by the name of the input. */
export type EncodedInputs = {
  readonly arrays: ReadonlyMap<string, string>
  readonly vectors: ReadonlyMap<string, number>
}

/** The function `encode`, which makes the inputs of a row, or of a step of a window, and what stands before it. */
export function encodeFunction(preprocessing: Preprocessing, { arrays, vectors }: EncodedInputs): string {
  const writer = new RowWriter(preprocessing)
  for (const { name, features } of preprocessing.inputs) {
    const width = widthOfAll(features)
    const input = required(arrays, name)
    const array = preprocessing.window ? `(${input} + step * ${width})` : input
    let at = 0
    for (const feature of features) {
      writer.feature(feature, array, at, vectors.get(name))
      at += widthOf(feature)
    }
  }
  return `${writer.before}/* Returns 0, or the number of the column, from 1, whose value the model does not take. */
static int encode(const struct model_row *row${preprocessing.window ? ', int step' : ''}) {
${writer.code.toString()}  return 0;
}
`
}

/** C that reads a list of ids from a text: the declaration of what reads, and expressions for whether there is one more, and the id. */
type IdListReading = {
  readonly before: readonly string[]
  readonly reader: string
  readonly next: string
  readonly id: string
}

class RowWriter {
  readonly code = new Code()
  readonly #preprocessing: Preprocessing
  readonly #fields: ReadonlyMap<string, string>
  readonly #numbers: ReadonlyMap<string, number>
  readonly #tables: string[] = []
  readonly #support = new Set<string>()

  constructor(preprocessing: Preprocessing) {
    const names = rawColumns(preprocessing).map(({ name }) => name)
    this.#preprocessing = preprocessing
    this.#fields = identifiers(names)
    this.#numbers = new Map(names.map((name, i) => [name, i + 1]))
  }

  get before(): string {
    return [...this.#support, ...this.#tables].map((text) => `${text}\n`).join('')
  }

  /** Writes the numbers of a feature to an array from an element on; an embedding may have vectors for some alone. */
  feature(feature: Feature, array: string, at: number, vectors: number | undefined): void {
    this.code.block('', () => {
      if (feature.kind === 'number') this.#number(feature, array, at)
      else if (feature.kind === 'array') this.#array(feature, array, at)
      else this.#encoded(feature, array, at)
      if (vectors === undefined) return
      this.code.loop(widthOf(feature), (i) => {
        const index = `${array}[${at} + ${i}]`
        this.#refuse(feature.column, `!(${index} > -1.0f && ${index} < ${vectors}.0f)`)
      })
    })
  }

  #encoded(feature: EncodedFeature, array: string, at: number): void {
    switch (feature.transform) {
      case 'one_hot':
      case 'ordinal':
        return this.#categories(feature, array, at)
      case 'date':
        return this.#date(feature, feature.state, array, at)
      case 'tokens':
        return this.#words(feature, feature.state, array, at)
      case 'sequence':
        return this.#ids(feature, feature.state, array, at)
    }
  }

  #number({ column, fill, indicator, scaling }: NumberFeature, array: string, at: number): void {
    const { code } = this
    code.line(`const double given = row->${this.#fieldOf(column)};`)
    const known = fill === undefined ? 'given' : `isnan(given) ? ${doubleLiteral(fill)} : given`
    code.line(`const double x = ${known};`)
    code.line(`${array}[${at}] = (float)${scaled('x', scaling)};`)
    this.#refuse(column, `!isfinite(${array}[${at}])`)
    if (indicator) code.line(`${array}[${at + 1}] = isnan(given) ? 1.0f : 0.0f;`)
  }

  #array({ column, shape, scalings }: ArrayFeature, array: string, at: number): void {
    const { code } = this
    const [first, ...others] = scalings
    const factors = others.length > 0 ? this.#scalingTable(scalings) : undefined
    code.loop(sizeOf(shape), (i) => {
      const x = `row->${this.#fieldOf(column)}[${i}]`
      const k = `${i} % ${scalings.length}`
      const number = factors ? `(${x} - ${factors}[${k}][0]) * ${factors}[${k}][1]` : scaled(x, first)
      const to = `${array}[${at} + ${i}]`
      code.line(`${to} = (float)(${number});`)
      this.#refuse(column, `!isfinite(${to})`)
    })
  }

  #categories(feature: EncodedFeature, array: string, at: number): void {
    const { code } = this
    const { column, scalings = [], transform } = feature
    const known = categoryCodes(feature, this.#preprocessing)
    if (!known) throw new Error(`${feature.transform} is refused`)
    const { table, count } = this.#spellings(known.codes)
    code.line(
      `const int place = place_of(row->${this.#fieldOf(column)}, ${table}, ${count}, ${known.other});`,
    )
    this.#refuse(column, `place == ${REFUSED}`)
    for (let i = 0; i < known.width; i++) {
      const number = transform === 'one_hot' ? `(double)(place == ${i})` : '(double)place'
      code.line(`${array}[${at + i}] = (float)${scaled(number, scalings[i])};`)
    }
  }

  #date(feature: EncodedFeature, { columns }: DateState, array: string, at: number): void {
    const { code } = this
    const { column, scalings = [] } = feature
    const width = widthOf(feature)
    this.#support.add(DATES)
    code.line('int date[6];')
    code.line(`double numbers[${width}] = {0.0};`)
    this.#ifGiven(column, () => {
      this.#refuse(column, this.#isNoDate(column))
      let place = 0
      for (const { part, cyclic, scaling } of columns) {
        const number = `date[${PARTS.indexOf(part)}]`
        const cycle = cycles[part]
        if (cyclic && cycle) {
          const angle = `(6.283185307179586 * (${number} - ${cycle.first})) / ${cycle.period}`
          code.line(`numbers[${place++}] = sin(${angle});`).line(`numbers[${place++}] = cos(${angle});`)
        } else code.line(`numbers[${place++}] = ${scaled(`(double)${number}`, scaling)};`)
      }
    })
    for (let i = 0; i < width; i++)
      code.line(`${array}[${at + i}] = (float)${scaled(`(float)numbers[${i}]`, scalings[i])};`)
  }

  /** A condition: the text is no date in the column's pattern, nor as ISO 8601 writes it. */
  #isNoDate(column: string): string {
    const pattern = dayPattern(this.#preprocessing.text?.formats?.[column] ?? '')
    if (!pattern) return '!parse_date(text, date)'
    this.#support.add(DAYS)
    const [order, separators] = [pattern.fields, pattern.separators].map((one) => stringLiteral(one.join('')))
    return `!parse_day(text, ${order}, ${separators}, date) && !parse_date(text, date)`
  }

  #words(feature: EncodedFeature, state: TokensState, array: string, at: number): void {
    const { standardize, split } = state
    const { table, count } = this.#spellings(wordIds(state))
    const most = Math.max(0, ...state.words.map((word) => Buffer.byteLength(word)))
    const rules = [
      standardize.startsWith('lower'),
      standardize.endsWith('strip_punctuation'),
      split === 'character',
    ]
    this.#support.add(CHARACTERS).add(smallLetters(this.#lowerWords())).add(WORDS)
    this.#list(feature, state, array, at, {
      before: [`char word[${most + 1}];`],
      reader: `struct words reader = {text, NULL, ${rules.map(Number).join(', ')}}`,
      next: 'next_word(&reader, word, sizeof word)',
      id: `place_of(word, ${table}, ${count}, ${UNKNOWN})`,
    })
  }

  #ids(feature: EncodedFeature, state: SequenceState, array: string, at: number): void {
    this.#support.add(CHARACTERS).add(IDS)
    this.#list(feature, state, array, at, {
      before: ['double id;'],
      reader: 'const char *reader = text',
      next: 'next_id(&reader, &id)',
      id: 'id',
    })
  }

  /** Writes a list of ids of any length: it is read once to be counted, and again for those that are kept. */
  #list(
    { column, scalings }: EncodedFeature,
    { length, padding = 'post', truncating = 'post' }: SequenceForm,
    array: string,
    at: number,
    { before, reader, next, id }: IdListReading,
  ): void {
    const { code } = this
    code.line(`double ids[${length}] = {0.0};`)
    this.#ifGiven(column, () => {
      for (const line of before) code.line(line)
      code.line('int count = 0, found;')
      code.block('', () => {
        code.line(`${reader};`)
        code.line(`while ((found = ${next}) > 0) count++;`)
        this.#refuse(column, 'found < 0')
      })
      code.block('', () => {
        code.line(`${reader};`)
        code.line(
          `const int first = ${truncating === 'pre' ? `count > ${length} ? count - ${length} : 0` : '0'};`,
        )
        code.line(`const int kept = count < ${length} ? count : ${length};`)
        code.line(`const int start = ${padding === 'pre' ? `${length} - kept` : '0'};`)
        code.block('for (int i = 0; i < first + kept; i++)', () => {
          code.line(`(void)${next};`)
          code.line(`if (i >= first) ids[start + i - first] = ${id};`)
        })
      })
    })
    const factors = scalings && this.#scalingTable(scalings)
    code.loop(length, (i) => {
      const number = factors ? `(ids[${i}] - ${factors}[${i}][0]) * ${factors}[${i}][1]` : `ids[${i}]`
      code.line(`${array}[${at} + ${i}] = (float)(${number});`)
    })
  }

  /** Statements for a string that is not missing, in the variable `text`; a missing one is refused unless it is filled in. */
  #ifGiven(column: string, body: () => void): void {
    const { code } = this
    const words = missingWords(this.#preprocessing, column)
    const { table, count } = this.#spellings(new Map(words.map((word) => [word, 1])))
    code.line(`const char *const text = row->${this.#fieldOf(column)};`)
    code.line(`const int is_missing = place_of(text, ${table}, ${count}, 0);`)
    if (this.#preprocessing.missing !== 'fill') this.#refuse(column, 'is_missing')
    code.block('if (!is_missing)', body)
  }

  /** A table of strings and their places at the top of the file. */
  #spellings(places: ReadonlyMap<string, number>): { readonly table: string; readonly count: number } {
    this.#support.add(SPELLINGS)
    const bytes = [...places].map(([text, place]) => ({ key: Buffer.from(text), text, place }))
    bytes.sort((a, b) => Buffer.compare(a.key, b.key))
    const entries = bytes.map(({ text, place }) => `{${stringLiteral(text)}, ${place}}`)
    const table = `spellings_${this.#tables.length}`
    // C has no array without elements.
    this.#tables.push(constantArray('struct spelling', table, entries.length > 0 ? entries : ['{"", 0}']))
    return { table, count: entries.length }
  }

  /** The words of all columns whose texts are read in small letters. */
  #lowerWords(): string[] {
    return this.#preprocessing.inputs
      .flatMap(({ features }) => features)
      .flatMap((feature) =>
        feature.kind === 'encoded' && feature.transform === 'tokens' ? feature.state.words : [],
      )
  }

  #refuse(column: string, condition: string): void {
    this.code.line(`if (${condition}) return ${this.#numbers.get(column) ?? 0};`)
  }

  #fieldOf(column: string): string {
    return this.#fields.get(column) ?? ''
  }

  #scalingTable(scalings: readonly FittedScaling[]): string {
    const table = `scalings_${this.#tables.length}`
    const entries = scalings.map(
      ({ subtract, multiply }) => `{${doubleLiteral(subtract)}, ${doubleLiteral(multiply)}}`,
    )
    this.#tables.push(
      `static const double ${table}[${entries.length}][2] = {\n  ${entries.join(',\n  ')}\n};\n`,
    )
    return table
  }
}

function scaled(x: string, scaling: FittedScaling | undefined): string {
  if (scaling === undefined) return x
  return `((${x} - ${doubleLiteral(scaling.subtract)}) * ${doubleLiteral(scaling.multiply)})`
}
