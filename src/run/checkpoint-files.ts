import { createHash } from 'node:crypto'
import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import * as z from 'zod'

import { bytesOf, float32Of } from '../bytes-of.ts'
import { RunError } from '../errors.ts'
import type { Contents } from './files.ts'

// A checkpoint on disk: a folder of a manifest, a state in JSON and the numbers of all arrays, one after another.

export const MANIFEST = 'manifest.json'
export const STATE = 'state.json'
const ARRAYS = 'arrays.bin'
/** Names of the files of a checkpoint. */
export const CHECKPOINT_FILES: readonly string[] = [MANIFEST, STATE, ARRAYS]

const VERSION = 1
/** Limits for reading into memory: more than any state or manifest has. */
const MOST_STATE_BYTES = 2 ** 26
const MOST_MANIFEST_BYTES = 2 ** 12
/** Bytes hashed without a pause for anything else. */
const HASHED_BYTES = 2 ** 20

const ManifestEntry = z.strictObject({ bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
/** The mark of a manifest. */
export const ManifestFormat = z.looseObject({ format: z.literal('nnlab-checkpoint') })
const Manifest = z.strictObject({
  ...ManifestFormat.shape,
  version: z.int().positive(),
  files: z.strictObject({ [STATE]: ManifestEntry, [ARRAYS]: ManifestEntry }),
})

/** Turns the state of one version into that of the next; the first one turns version 1 into version 2. */
type Migration = { readonly name: string; migrate(state: unknown): unknown }
const MIGRATIONS: readonly Migration[] = []

/** Length of each array, in the order in which they are stored. */
export type ArrayLayout = readonly (readonly [name: string, length: number])[]

/** The files of a checkpoint. */
export async function checkpointFiles(
  state: unknown,
  arrays: ReadonlyMap<string, Float32Array>,
): Promise<Map<string, Contents>> {
  const layout: ArrayLayout = Array.from(arrays, ([name, { length }]) => [name, length])
  const text = Buffer.from(JSON.stringify({ state, layout }))
  const blocks = Array.from(arrays.values(), bytesOf)
  const manifest: z.output<typeof Manifest> = {
    format: 'nnlab-checkpoint',
    version: VERSION,
    files: { [STATE]: await entryOf([text]), [ARRAYS]: await entryOf(blocks) },
  }
  return new Map<string, Contents>([
    [STATE, text],
    [ARRAYS, blocks],
    [MANIFEST, JSON.stringify(manifest)],
  ])
}

const Stored = z.strictObject({
  state: z.unknown(),
  layout: z.array(z.tuple([z.string(), z.int().min(0)])),
})

/**
 * Reads the files of a checkpoint, or throws a RunError that names the file that is wrong. `check` sees the state and
 * the layout before memory is allocated for the arrays.
 */
export async function readCheckpointFiles<State>(
  folder: string,
  check: (state: unknown, layout: ArrayLayout) => State,
): Promise<{ state: State; arrays: Map<string, Float32Array> }> {
  const path = join(folder, MANIFEST)
  const parsed = Manifest.safeParse(parse(path, await readManifest(path)))
  if (!parsed.success) throw new RunError(`${path} is damaged: it is not the manifest of a checkpoint`)
  const { version, files } = parsed.data
  if (version > VERSION) {
    throw new RunError(`${path} has the version ${version}: it was written by a newer nnlab`, {
      hint: 'update nnlab',
    })
  }
  const stored = Stored.safeParse(
    parse(join(folder, STATE), await readVerified(join(folder, STATE), files[STATE], MOST_STATE_BYTES)),
  )
  if (!stored.success)
    throw new RunError(`${join(folder, STATE)} is damaged: it is not the state of a checkpoint`)
  const migrated = MIGRATIONS.slice(version - 1).reduce(
    (state, { migrate }) => migrate(state),
    stored.data.state,
  )
  const { layout } = stored.data
  const state = check(migrated, layout)
  const bytes = 4 * layout.reduce((total, [, length]) => total + length, 0)
  if (bytes !== files[ARRAYS].bytes) {
    throw new RunError(
      `${join(folder, ARRAYS)} should have ${bytes} bytes, but the manifest says ${files[ARRAYS].bytes}`,
    )
  }
  const numbers = await readVerified(join(folder, ARRAYS), files[ARRAYS], bytes)
  const arrays = new Map<string, Float32Array>()
  let offset = 0
  for (const [name, length] of layout) {
    arrays.set(name, float32Of(numbers.subarray(offset, offset + 4 * length)))
    offset += 4 * length
  }
  return { state, arrays }
}

async function readVerified(
  path: string,
  entry: z.output<typeof ManifestEntry>,
  most: number,
): Promise<Buffer> {
  const size = await sizeOfFile(path)
  if (size !== entry.bytes) {
    throw new RunError(`${path} has ${size} bytes instead of ${entry.bytes}: it was cut off or changed`)
  }
  if (size > most) throw new RunError(`${path} is too large: ${size} bytes`)
  const bytes = await readFile(path)
  if ((await entryOf([bytes])).sha256 !== entry.sha256) {
    throw new RunError(`${path} is damaged: checksum mismatch (SHA-256)`)
  }
  return bytes
}

export async function readManifest(path: string): Promise<Buffer> {
  const size = await sizeOfFile(path)
  if (size > MOST_MANIFEST_BYTES) throw new RunError(`${path} is too large: ${size} bytes`)
  return readFile(path)
}

async function sizeOfFile(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) throw new RunError(`${path} is missing`)
  if (!found.isFile()) throw new RunError(`${path} is not a file`)
  return found.size
}

function parse(path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new RunError(`${path} is damaged: it is not valid JSON`, { cause })
  }
}

/** Hashes in pieces, between which other work can run. */
async function entryOf(blocks: readonly Uint8Array[]): Promise<z.output<typeof ManifestEntry>> {
  const hash = createHash('sha256')
  let bytes = 0
  let unbroken = 0
  for (const block of blocks) {
    for (let start = 0; start < block.length; start += HASHED_BYTES) {
      const piece = block.subarray(start, start + HASHED_BYTES)
      hash.update(piece)
      bytes += piece.length
      unbroken += piece.length
      if (unbroken < HASHED_BYTES) continue
      unbroken = 0
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { bytes, sha256: hash.digest('hex') }
}
