import { families } from '../../components/families.ts'
import type { JsonSchema } from './json-schema.ts'

/** The values that a schema takes, in words: `integer >= 1`, `loss or map from name to loss`. */
export function typeText(schema: JsonSchema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/$defs/', '')
    return families.get(name)?.singular ?? 'number, string or list'
  }
  if (schema.const !== undefined) return valueWord(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(valueWord).join(' | ')
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives && !schema.properties) return [...new Set(alternatives.map(typeText))].join(' or ')
  const types = [schema.type].flat()
  if (types.length > 1) return types.map((type) => wordOf(String(type))).join(' or ')
  switch (schema.type) {
    case 'array':
      return listText(schema)
    case 'object':
      return mapText(schema)
    default:
      return `${wordOf(schema.type ?? 'any')}${rangeText(schema)}`
  }
}

function listText({ items, minItems = 0, maxItems }: JsonSchema): string {
  const count = minItems === maxItems ? `${minItems} ` : minItems > 1 ? `at least ${minItems} ` : ''
  return `list of ${count}${items ? plural(typeText(items)) : 'values'}`
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
  return type === 'boolean' ? 'true | false' : type
}

function plural(text: string): string {
  if (/^(integer|number)/.test(text)) return text.replace(/integer|number/, '$&s')
  if (text === 'loss') return 'losses'
  return /^[a-z ]+$/.test(text) ? `${text}s` : text
}

function rangeText({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const isInteger = type === 'integer' && exclusiveMinimum !== undefined
  const least = isInteger ? exclusiveMinimum + 1 : minimum
  if (least !== undefined && maximum !== undefined) return ` from ${least} to ${maximum}`
  const bounds = [
    least === undefined ? undefined : `>= ${least}`,
    isInteger || exclusiveMinimum === undefined ? undefined : `> ${exclusiveMinimum}`,
    maximum === undefined ? undefined : `<= ${maximum}`,
    exclusiveMaximum === undefined ? undefined : `< ${exclusiveMaximum}`,
  ].filter((bound) => bound !== undefined)
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`
}

function valueWord(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
