// Raw rows in C: the struct of a row, and the numbers of the inputs that are made of it.
import { sizeOf } from '../../ir/ir.ts'
import { cycles } from '../../runtime/encodings/date.ts'
import type { DatePart, DateState } from '../../runtime/encodings/date.ts'
import { rawColumns } from '../../runtime/columns.ts'
import type {
  ArrayFeature,
  EncodedFeature,
  Feature,
  NumberFeature,
  Preprocessing,
} from '../../runtime/preprocessing.ts'
import { widthOf } from '../../runtime/replay.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import { categoryCodes, isCategorical, REFUSED } from '../category-codes.ts'
import { Code, commentText, constantArray, doubleLiteral, stringLiteral } from './code.ts'
import { DATES, SPELLINGS } from './support.ts'
import { identifiers } from './names.ts'

/** The parts of a date in the order of `parse_date`. */
const PARTS: readonly DatePart[] = ['year', 'month', 'day', 'weekday', 'hour', 'minute']

/** The transforms that C has no code for, by column. */
export function lackingTransforms({ inputs, window }: Preprocessing): string[] {
  const lacking = inputs
    .flatMap(({ features }) => features)
    .flatMap((feature) =>
      feature.kind === 'encoded' && !isCategorical(feature) && feature.transform !== 'date'
        ? [`column ${feature.column}: the transform ${feature.transform}`]
        : [],
    )
  return window ? ['windows of a time series', ...lacking] : lacking
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

/** The function `encode`, which makes the inputs of a row, and what stands before it. `inputs` are their arrays. */
export function encodeFunction(preprocessing: Preprocessing, inputs: ReadonlyMap<string, string>): string {
  const writer = new RowWriter(preprocessing)
  for (const { name, features } of preprocessing.inputs) {
    let at = 0
    for (const feature of features) {
      writer.feature(feature, inputs.get(name) ?? '', at)
      at += widthOf(feature)
    }
  }
  return `${writer.before}/* Returns 0, or the number of the column, from 1, whose value the model does not take. */
static int encode(const struct model_row *row) {
${writer.code.toString()}  return 0;
}
`
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

  /** Writes the numbers of a feature to an array from an element on. */
  feature(feature: Feature, array: string, at: number): void {
    this.code.block('', () => {
      if (feature.kind === 'number') this.#number(feature, array, at)
      else if (feature.kind === 'array') this.#array(feature, array, at)
      else if (feature.transform === 'date') this.#date(feature, feature.state, array, at)
      else this.#categories(feature, array, at)
    })
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
    this.#support.add(SPELLINGS)
    const bytes = [...known.codes].map(([text, place]) => ({ key: Buffer.from(text), text, place }))
    bytes.sort((a, b) => Buffer.compare(a.key, b.key))
    const table = `spellings_${this.#tables.length}`
    const entries = bytes.map(({ text, place }) => `{${stringLiteral(text)}, ${place}}`)
    this.#tables.push(constantArray('struct spelling', table, entries))
    code.line(
      `const int place = place_of(row->${this.#fieldOf(column)}, ${table}, ${entries.length}, ${known.other});`,
    )
    this.#refuse(column, `place == ${REFUSED}`)
    for (let i = 0; i < known.width; i++) {
      const number = transform === 'one_hot' ? `(double)(place == ${i})` : '(double)place'
      code.line(`${array}[${at + i}] = (float)${scaled(number, scalings[i])};`)
    }
  }

  #date({ column, scalings = [] }: EncodedFeature, { columns }: DateState, array: string, at: number): void {
    const { code } = this
    this.#support.add(DATES)
    code.line(`const char *text = row->${this.#fieldOf(column)};`)
    code.line('int date[6];')
    const width = columns.reduce((sum, { cyclic }) => sum + (cyclic ? 2 : 1), 0)
    code.line(`double numbers[${width}] = {0.0};`)
    const isGiven = this.#preprocessing.missing === 'fill' ? 'if (text != NULL && *text != 0)' : ''
    code.block(isGiven, () => {
      this.#refuse(column, '!parse_date(text, date)')
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
