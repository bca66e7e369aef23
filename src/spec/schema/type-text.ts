import { families } from '../../components/families.ts'
import type { JsonSchema } from './json-schema.ts'

/** What may stand where a schema stands, in words: `a whole number > 0`, `a loss, or a map to losses`. */
export function typeText(schema: JsonSchema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/$defs/', '')
    return families.get(name)?.singular ?? 'number, text or list'
  }
  if (schema.const !== undefined) return valueWord(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(valueWord).join(' | ')
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives && !schema.properties) return [...new Set(alternatives.map(typeText))].join(' or ')
  const types = [schema.type].flat()
  if (types.length > 1) return types.map((type) => wordOf(String(type))).join(' or ')
  switch (schema.type) {
    case 'array':
      return `list of ${schema.items ? plural(typeText(schema.items)) : 'values'}${countText(schema)}`
    case 'object':
      return mapText(schema)
    default:
      return `${wordOf(schema.type ?? 'any')}${rangeText(schema)}`
  }
}

function mapText({ properties, additionalProperties }: JsonSchema): string {
  if (properties) {
    const type = properties['type']?.const
    return typeof type === 'string' ? `{type: ${type}, ...}` : `map {${Object.keys(properties).join(', ')}}`
  }
  return typeof additionalProperties === 'object'
    ? `map from name to ${typeText(additionalProperties)}`
    : 'map'
}

function wordOf(type: string): string {
  return words.get(type) ?? type
}

const words: ReadonlyMap<string, string> = new Map([
  ['integer', 'whole number'],
  ['string', 'text'],
  ['boolean', 'true | false'],
])

function plural(text: string): string {
  if (/^(whole )?number/.test(text)) return text.replace('number', 'numbers')
  if (text === 'text') return 'texts'
  if (text === 'loss') return 'losses'
  return /^[a-z ]+$/.test(text) ? `${text}s` : text
}

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const bounds = [
    exclusiveMinimum === undefined
      ? minimum === undefined
        ? []
        : [`>= ${minimum}`]
      : [`> ${exclusiveMinimum}`],
    exclusiveMaximum === undefined
      ? maximum === undefined
        ? []
        : [`<= ${maximum}`]
      : [`< ${exclusiveMaximum}`],
  ].flat()
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`
}

function countText({ minItems, maxItems }: JsonSchema): string {
  if (minItems !== undefined && minItems === maxItems) return ` (${minItems} of them)`
  return minItems !== undefined && minItems > 1 ? ` (at least ${minItems})` : ''
}

function valueWord(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
