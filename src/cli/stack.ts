import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import type { SourceMapPayload } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The stack of an error; positions in the bundle are those in the sources, where the map of the bundle can be read. */
export function readableStack({ stack, message }: Error): string {
  if (stack === undefined) return message
  const bundle = fileURLToPath(import.meta.url)
  const map = readMap(`${bundle}.map`)
  if (map === undefined) return stack
  return stack.replaceAll(/([^\s(]+):(\d+):(\d+)/g, (frame, file: string, line: string, column: string) => {
    // By its name alone: code that was compiled where the package was made keeps the folder of that time.
    if (basename(file) !== basename(bundle)) return frame
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1)
    if (!('originalSource' in entry)) return frame
    const source = entry.originalSource.replace(/^(\.\.\/)+/, '')
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  })
}

function readMap(file: string): SourceMap | undefined {
  try {
    const payload: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isPayload(payload) ? new SourceMap(payload) : undefined
  } catch {
    return undefined
  }
}

function isPayload(value: unknown): value is SourceMapPayload {
  return typeof value === 'object' && value !== null && 'mappings' in value
}
