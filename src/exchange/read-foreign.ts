import { open } from 'node:fs/promises'

import { errorCode, RunError } from '../errors.ts'
import type { ForeignModel } from './foreign-model.ts'
import type { Refuse } from './format.ts'
import { isHdf5 } from './keras/hdf5-reader.ts'
import { readH5 } from './keras/read-h5.ts'
import { readKeras } from './keras/read.ts'
import { readOnnx } from './onnx/read/read.ts'
import { readTfjs } from './tfjs/read.ts'
import { requireNoPipe } from '../regular-file.ts'

/** Bytes that tell the kind of a file. */
const HEAD_BYTES = 64
/** The first byte of an ONNX model: field 1, a whole number. */
const FIRST_FIELD = 8

/** Reads a model that another program saved, of the kind that its first bytes tell; messages call it by its name. */
export async function readForeign(path: string, name: string, refuse: Refuse): Promise<ForeignModel> {
  const head = await headOf(path, name)
  if (head === undefined || /^\s*\{/.test(head.toString('latin1'))) return readTfjs(path, name, refuse)
  if (isHdf5(head)) return readH5(path, name, refuse)
  if (head.toString('latin1', 0, 2) === 'PK') return readKeras(path, name, refuse)
  // A protocol buffer has no signature: its first field is the version of the format.
  if (path.endsWith('.onnx') || head[0] === FIRST_FIELD) return readOnnx(path, name, refuse)
  throw new RunError(`${name} is not a model that nnlab reads`, {
    hint: 'name a .keras or .h5 file of Keras, an .onnx file, or a model.json of TensorFlow.js',
  })
}

/** The first bytes of a file; undefined for a folder. */
async function headOf(path: string, name: string): Promise<Buffer | undefined> {
  try {
    if ((await requireNoPipe(path)).isDirectory()) return undefined
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new RunError(
      errorCode(cause) === 'ENOENT' ? `there is no file ${name}` : `${name} cannot be read`,
      { cause },
    )
  }
}
