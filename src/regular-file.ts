import { statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'

import { RunError } from './errors.ts'

/** The bytes of a file. */
export async function readRegularFile(path: string): Promise<Buffer> {
  await requireNoPipe(path)
  return readFile(path)
}

/** Throws a RunError for pipes and devices: opening or reading them might never end; returns what else is there. */
export async function requireNoPipe(path: string): Promise<Stats> {
  const found = await stat(path)
  refuseOthers(path, found)
  return found
}

/** The same at once. */
export function requireNoPipeSync(path: string): void {
  refuseOthers(path, statSync(path))
}

function refuseOthers(path: string, found: Stats): void {
  if (!found.isFile() && !found.isDirectory()) throw new RunError(`${path} is a pipe or a device, not a file`)
}
