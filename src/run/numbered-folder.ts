import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { attempt, makeFolder } from './atomic.ts'
import { unlessThere } from './files.ts'
import { orElsewhere } from './place-error.ts'

/** Makes the folder of the next number behind a prefix, below `runs/NAME`. */
export async function createNumberedFolder(base: string, name: string, prefix: string): Promise<string> {
  const parent = join(base, 'runs', name)
  return orElsewhere('start in another folder', async () => {
    await makeFolder(parent)
    const { number: last = 0 } = lastNumbered(await readdir(parent), prefix) ?? {}
    for (let number = last + 1; ; number++) {
      const folder = join(parent, `${prefix}${String(number).padStart(3, '0')}`)
      // Another run may have taken the number.
      const made = await attempt(folder, () => mkdir(folder).then(() => true, unlessThere))
      if (made) return folder
    }
  })
}

/** The folder of the highest number behind a prefix, among those that `accepts` takes; undefined where there is none. */
export async function lastNumberedFolder(
  parent: string,
  prefix: string,
  accepts: (folder: string) => boolean = () => true,
): Promise<string | undefined> {
  const names = await readdir(parent).catch(() => [])
  const last = lastNumbered(
    names.filter((name) => accepts(join(parent, name))),
    prefix,
  )
  return last && join(parent, last.name)
}

/** The name with the highest number behind a prefix. */
function lastNumbered(
  names: readonly string[],
  prefix: string,
): { readonly name: string; readonly number: number } | undefined {
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => ({ name, number: Number(name.slice(prefix.length)) }))
    .toSorted((a, b) => a.number - b.number)
    .at(-1)
}
