import { DataError } from '../../errors.ts'
import { counted, list } from '../../wording.ts'
import { displayName, openFile, readChunks } from '../files/file.ts'
import type { FileAccess } from '../files/file.ts'
import { zipEntries } from './zip.ts'

/** Folders, and what archivers and macOS put beside the files. */
const ASIDE = /\/$|^__MACOSX\/|(^|\/)\./

/** The pieces of a file, decompressed; of a .zip, those of the only file in it. */
export async function* unzippedChunks(path: string, access: FileAccess): AsyncGenerator<Uint8Array> {
  if (!/\.zip$/i.test(path)) {
    yield* readChunks(path, access)
    return
  }
  const name = displayName(path, access)
  const file = await openFile(path, access)
  try {
    const entries = (await zipEntries(file, name)).filter((entry) => !ASIDE.test(entry.name))
    const [only, ...others] = entries
    if (only === undefined || others.length > 0) {
      const names = entries.length > 0 ? `: ${list(entries.map((entry) => entry.name))}` : ''
      throw new DataError(
        `${name}: expected one file in the archive, found ${counted(entries.length, 'file')}${names}`,
        {
          hint: 'extract it with unzip and name the file of the rows',
        },
      )
    }
    yield* only.bytes()
  } finally {
    await file.close()
  }
}
