import type { Importance } from '../../../experiment/analysis.ts'
import type { ExplainedPrediction, ExplainedRow } from '../../../experiment/explained-rows.ts'
import { cellText } from '../../text/analysis.ts'
import { count, shortNumber } from '../../text/format.ts'
import { numbers } from '../../text/table.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { imageUri } from '../image-uri.ts'
import { htmlTable, section } from '../table.ts'

/** Columns of raw values: the most important ones. */
const MOST_COLUMNS = 12
/** Maximum characters of a value. */
const LONGEST_TEXT = 200

/** The rows that the model is most wrong about, with their raw values or images. */
export function rowsSection(
  worst: readonly ExplainedRow[],
  importance: Importance | undefined,
): Html | undefined {
  if (worst.length === 0) return undefined
  return section('Rows that the model is most wrong about', [images(worst), rowTable(worst, importance)])
}

function images(worst: readonly ExplainedRow[]): Html | undefined {
  const figures = worst.flatMap(({ row, arrays, outputs }) => {
    const [first] = outputs
    const uri = arrays.map(imageUri).find((found) => found !== undefined)
    if (uri === undefined || !first) return []
    const caption = `Row ${count(row)}: ${cellText(first.target)}, predicted ${cellText(first.prediction)}`
    return [markup`<figure><img src="${uri}" alt="${caption}" /><figcaption>${caption}</figcaption></figure>`]
  })
  return figures.length === 0 ? undefined : markup`<div class="images">${figures}</div>`
}

function rowTable(worst: readonly ExplainedRow[], importance: Importance | undefined): Html {
  const names = Object.keys(worst[0]?.values ?? {})
  const ranked =
    importance?.columns.map(({ column }) => column).filter((name) => names.includes(name)) ?? names
  const shown = [...ranked, ...names.filter((name) => !ranked.includes(name))].slice(0, MOST_COLUMNS)
  const outputs = worst[0]?.outputs ?? []
  const title = (what: string, { name }: ExplainedPrediction): string =>
    outputs.length > 1 ? `${what} ${name}` : what
  return htmlTable(
    names.length > shown.length
      ? `With the raw values of ${shown.length} of ${names.length} columns, the most important first`
      : 'With their raw values',
    [
      ...numbers('Row'),
      ...outputs.flatMap((output) => [
        { title: title('True', output) },
        { title: title('Predicted', output) },
        ...(output.probability === undefined ? [] : numbers(title('Probability', output))),
      ]),
      { title: 'Place' },
      ...shown.map((name) => ({ title: name })),
    ],
    worst.map((row) => [
      count(row.row),
      ...row.outputs.flatMap(({ target, prediction, probability }) => [
        cellText(target, LONGEST_TEXT),
        cellText(prediction, LONGEST_TEXT),
        ...(probability === undefined ? [] : [shortNumber(probability)]),
      ]),
      shortPlace(row.place),
      ...shown.map((name) => cellText(row.values[name], LONGEST_TEXT)),
    ]),
  )
}

/** The file and the line without the folders; of a file for each row, the folder, too, which may be its class. */
function shortPlace(place: string): string {
  const parts = place.split(/[/\\]/)
  return parts.slice(/:\d+$/.test(place) ? -1 : -2).join('/')
}
