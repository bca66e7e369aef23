import { readFile, stat } from 'node:fs/promises'

import { valueOfJson } from '../json.ts'

/**
 * The text of a file; undefined where there is none that can be read. Pipes and devices are none: reading them might never
 * end.
 */
export async function readText(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() ? readFile(path, 'utf8').catch(() => undefined) : undefined
}

/** The value in a JSON file; undefined where there is none that can be read. */
export async function readJson(path: string): Promise<unknown> {
  return valueOfJson((await readText(path)) ?? '')
}
