import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { DataError } from './errors.ts'

/** The path of a file of this package: the bundle and this file lie one folder below its root. */
export function packagedFile(name: string): string {
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url))
  if (existsSync(path)) return path
  throw new DataError(`the file ${name} of nnlab is missing`, { hint: 'install nnlab again' })
}
