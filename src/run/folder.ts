import { mkdir, readdir, symlink, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { attempt } from './atomic.ts'
import { disk } from './files.ts'

/** Makes the folder of a new run: the given one, or the next number below `runs/NAME`. */
export async function createRunFolder(
  base: string,
  name: string,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) {
    const folder = resolve(base, given)
    await attempt(folder, () => disk.makeFolder(folder))
    return folder
  }
  const parent = join(base, 'runs', name)
  await attempt(parent, () => disk.makeFolder(parent))
  const numbers = (await readdir(parent)).map(Number).filter(Number.isInteger)
  for (let number = Math.max(0, ...numbers) + 1; ; number++) {
    const folder = join(parent, String(number).padStart(3, '0'))
    const made = await attempt(folder, () => mkdir(folder).then(() => true, taken))
    if (made) return folder
  }
}

/** False where another run took the number first. */
function taken(error: NodeJS.ErrnoException): boolean {
  if (error.code === 'EEXIST') return false
  throw error
}

/** Makes the link `latest` beside a numbered run point to it. */
export async function linkLatest(folder: string): Promise<void> {
  const link = join(dirname(folder), 'latest')
  const aside = `${link}.${folder.slice(-3)}`
  await attempt(link, async () => {
    await rm(aside, { force: true })
    await symlink(folder.slice(dirname(folder).length + 1), aside)
    await rename(aside, link)
  })
}
