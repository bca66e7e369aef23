// A description of the HTTP interface of a model: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html).

import type { RawColumn } from '../runtime/columns.ts'

export type DescribedModel = {
  readonly name: string
  readonly version: string
  readonly columns: readonly RawColumn[]
  /** The strings of columns and outputs that are known. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

export function openApiOf({ name, version, columns, values }: DescribedModel): object {
  const row = {
    type: 'object',
    required: columns.map((column) => column.name),
    properties: Object.fromEntries(columns.map((column) => [column.name, schemaOf(column, values)])),
  }
  const rows = {
    oneOf: [
      { type: 'array', items: { $ref: '#/components/schemas/Row' } },
      { $ref: '#/components/schemas/Row' },
    ],
  }
  return {
    openapi: '3.1.0',
    info: { title: `Predictions of ${name}`, version },
    security: [{ token: [] }],
    paths: {
      '/predict': {
        post: {
          summary: 'Predicts rows',
          requestBody: {
            required: true,
            content: { 'application/json': { schema: rows }, 'text/csv': { schema: { type: 'string' } } },
          },
          responses: {
            200: answer('The predictions, one per row', {
              type: 'array',
              items: { $ref: '#/components/schemas/Prediction' },
            }),
            400: answer('A row cannot be used', { $ref: '#/components/schemas/Error' }),
            401: answer('The token is missing or wrong', { $ref: '#/components/schemas/Error' }),
          },
        },
      },
      '/health': {
        get: {
          summary: 'Shows that the server is up',
          security: [],
          responses: { 200: answer('It does', { type: 'object' }) },
        },
      },
    },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Row: row, Prediction: PREDICTION, Error: ERROR },
    },
  }
}

const PREDICTION = {
  type: 'object',
  required: ['row'],
  properties: {
    row: { type: 'integer', minimum: 1, description: 'The row of the request, from 1' },
    prediction: {
      description: 'The label, the number or a list of them; under its name for each of several outputs',
    },
    probabilities: { type: 'object', additionalProperties: { type: 'number' } },
    unseen: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Values that training did not see, by column',
    },
  },
}

const ERROR = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      required: ['message'],
      properties: { message: { type: 'string' }, hint: { type: 'string' } },
    },
  },
}

function answer(description: string, schema: object): object {
  return { description, content: { 'application/json': { schema } } }
}

function schemaOf({ name, kind, shape }: RawColumn, values: DescribedModel['values']): object {
  switch (kind) {
    case 'number':
      return { type: ['number', 'null'] }
    case 'string': {
      const examples = values.get(name)
      return { type: ['string', 'null'], ...(examples && { examples: examples.slice(0, MOST_EXAMPLES) }) }
    }
    case 'array':
      return shape.reduceRight<object>(
        (items, size) => ({ type: 'array', items, minItems: size, maxItems: size }),
        { type: 'number' },
      )
  }
}

/** Known strings of a column that its description lists. */
const MOST_EXAMPLES = 50
