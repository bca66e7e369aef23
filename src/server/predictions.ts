// Predictions over HTTP: rows in, predictions out, as `nnlab predict` gives them.

import { isUtf8 } from 'node:buffer'

import { DataError } from '../errors.ts'
import { parseJson } from '../json.ts'
import { isMap } from '../registry.ts'
import type { PredictionRecord } from '../core/index.ts'
import { quote } from '../wording.ts'
import { Batches } from './batches.ts'
import { HttpError } from './http.ts'
import type { HttpRequest, Route } from './http.ts'
import { openApiOf } from './openapi.ts'
import type { DescribedModel } from './openapi.ts'

type Row = Readonly<Record<string, unknown>>

/** A model that predicts, as often as it is asked. */
export type ServedModel = DescribedModel & {
  /** The run that the model is of. */
  readonly run: string
  /** True where a row is predicted by itself, so that rows of several requests may be predicted together. */
  readonly rowByRow: boolean
  predict(rows: readonly Row[]): Promise<PredictionRecord[]>
  predictCsv(text: Buffer): Promise<PredictionRecord[]>
}

export function predictionRoutes(model: ServedModel): Route[] {
  const together = new Batches((rows: readonly Row[]) => model.predict(rows))
  const predict = model.rowByRow ? (rows: readonly Row[]) => together.add(rows) : model.predict
  const description = openApiOf(model)
  return [
    {
      method: 'POST',
      path: '/predict',
      async answer(request) {
        requireNoOptions(request)
        const body = await request.body()
        if (typeOf(request) === 'text/csv') {
          return { body: await model.predictCsv(linesOf(body)).catch(forClients) }
        }
        return { body: await predict(rowsOf(body)) }
      },
    },
    { method: 'GET', path: '/openapi.json', answer: () => ({ body: description }) },
    {
      method: 'GET',
      path: '/health',
      open: true,
      answer: () => ({ body: { status: 'ok', run: model.run } }),
    },
  ]
}

/** Refuses options in the address: they are those of the server, for all requests. */
function requireNoOptions({ query }: HttpRequest): void {
  const [name] = [...query.keys()].filter((key) => key !== 'token')
  if (name === undefined) return
  throw new HttpError(
    400,
    `/predict takes no option ${quote(name)}`,
    'options such as the threshold are given where the server is started',
  )
}

/** Throws an error about rows without a hint that names keys of a config, which no client can set. */
function forClients(error: unknown): never {
  if (!(error instanceof DataError) || !KEY.test(error.hint ?? '')) throw error
  const hint = 'send the columns and values that training saw: GET /openapi.json describes them'
  throw new DataError(error.message, { hint, cause: error })
}

/** A key of the data section. */
const KEY = /\bdata\.[a-z]/

function typeOf({ headers }: HttpRequest): 'application/json' | 'text/csv' {
  const [type = ''] = String(headers['content-type'] ?? 'application/json').split(';')
  const plain = type.trim().toLowerCase()
  if (plain === 'text/csv' || plain === 'application/json') return plain
  throw new HttpError(
    415,
    `rows are application/json or text/csv, not ${plain}`,
    'name their type in the header Content-Type, as in `curl -H "Content-Type: application/json"`',
  )
}

/** The lines of a csv file; without line ends, there is no row below the header. */
function linesOf(body: Buffer): Buffer {
  if (body.length > 0 && !/[\r\n]/.test(body.toString('latin1').trim())) {
    throw new DataError('the body is a single line, without rows below the header', {
      hint: 'send the file with its line ends, which `curl -d` drops',
    })
  }
  return body
}

/** The rows of a body: a list of objects, or one object. */
function rowsOf(body: Buffer): Row[] {
  const value = valueOf(body)
  const rows = Array.isArray(value) ? value : [value]
  const at = rows.findIndex((row) => !isMap(row))
  if (at >= 0) throw new DataError(`row ${at + 1} is not an object of values by column`)
  return rows.filter(isMap)
}

function valueOf(body: Buffer): unknown {
  // Of what is not UTF-8, `toString` would make other strings without a word. The decoder drops a byte order mark.
  if (!isUtf8(body))
    throw new DataError('the body is not UTF-8', { hint: 'send JSON in UTF-8, uncompressed' })
  try {
    return parseJson(new TextDecoder().decode(body))
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    const hint = 'send an object, a list of objects, or text/csv; null is a missing value'
    throw new DataError(`the body is not JSON: ${cause.message}`, { hint, cause })
  }
}
