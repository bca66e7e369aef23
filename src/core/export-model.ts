import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { errorCode, RunError, UsageError } from '../errors.ts'
import type { ExportCheck } from '../exchange/compare.ts'
import type { ExchangeFormat, Written } from '../exchange/format.ts'
import { formats } from '../exchange/index.ts'
import { endedTraining } from '../experiment/ended-training.ts'
import type { Environment } from '../experiment/environment.ts'
import { requireUnread } from '../experiment/read-files.ts'
import { openModel } from '../experiment/model.ts'
import type { OpenedModel } from '../experiment/model.ts'
import { writeFolderAtomic, writeResultAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import { byOption, orElsewhere } from '../run/place-error.ts'
import { checkExport } from './check-export.ts'
import type { CheckOptions } from './check-export.ts'
import { calibrationRows, checkQuantized } from './check-quantized.ts'
import { environmentOf } from './environment.ts'
import type { WriterOptions } from './environment.ts'

export type ExportOptions = WriterOptions &
  CheckOptions & {
    /** A run folder, a model.json, or a config, whose last plain run is used. */
    readonly model: string
    /** The type of the format, such as `keras`; default: the one whose files end like the output. */
    readonly format?: string | undefined
    /** The file, or the folder of a format that is one; default: named after the model. */
    readonly output?: string | undefined
    /** Takes raw rows, for which it predicts what `predict` does, in place of encoded ones. */
    readonly raw?: boolean | undefined
    /** The type of the weights, in place of float32. */
    readonly quantize?: 'int8' | undefined
  }

/** An exported model. */
export type ExportedModel = {
  /** The folder of the model's run. */
  readonly run: string
  readonly format: string
  /** The absolute path of the file or the folder. */
  readonly path: string
  readonly bytes: number
  readonly check: ExportCheck
}

/** Writes a trained model for another program, and compares the predictions of that program where it is there. */
export async function exportModel(options: ExportOptions): Promise<ExportedModel> {
  const environment = environmentOf(options)
  const format = formatOf(options)
  const raw = options.raw === true || format.takesRawRows === true
  const writer = writerOf(format, options)
  const model = await openModel(options.model, environment)
  const { name } = model.spec
  const path = resolve(environment.cwd, options.output ?? defaultName(format, name))
  const refused: string[] = []
  const keepsOptimizer = format.keepsOptimizer === true && !raw
  const training = keepsOptimizer ? await endedTraining(model) : undefined
  if (keepsOptimizer && training === undefined) {
    environment.onNote(
      'the optimizer starts from the beginning: no checkpoint of the run has the weights of its model',
    )
  }
  const write = await writer(model, environment)
  const written = write({ ...model, name, training }, (what) => void refused.push(what))
  if (refused.length > 0) {
    throw new RunError(`${name} cannot be exported to ${format.type}, which has no:`, {
      details: [...new Set(refused)],
    })
  }
  for (const note of written.notes ?? []) environment.onNote(note)
  const inputs = { files: [options.model], models: [model] }
  const bytes = await orElsewhere(byOption('output'), async () => {
    await requireUnread(path, inputs, { cwd: environment.cwd, option: 'output' })
    return save(path, written, options.files)
  })
  const check = await checkOf(format, model, path, { ...options, raw }, environment)
  return { run: model.folder, format: format.type, path, bytes, check }
}

function checkOf(
  { type, check: own, networkCheck = own }: ExchangeFormat,
  model: OpenedModel,
  path: string,
  options: Pick<ExportOptions, 'quantize'> & CheckOptions & { readonly raw: boolean },
  environment: Environment,
): Promise<ExportCheck> | ExportCheck {
  const check = options.quantize ? networkCheck : own
  if (check === undefined) return { absent: `no program that reads ${type} is known` }
  const comparison = { check, path, options, environment }
  return options.quantize ? checkQuantized(comparison, model) : checkExport(comparison, model, options.raw)
}

function formatOf({ format: type, output = '' }: Pick<ExportOptions, 'format' | 'output'>): ExchangeFormat {
  const format = formats.find((one) =>
    type === undefined ? one.ending !== undefined && output.endsWith(one.ending) : one.type === type,
  )
  if (format) return format
  const known = formats.map((one) => one.type).join(', ')
  throw new UsageError(type === undefined ? 'no format is given' : `there is no format "${type}"`, {
    hint: (option) => `name one of ${known} with ${option('format')}`,
  })
}

/** Returns what gets the writer of a model ready; throws where the format cannot write what is asked for. */
function writerOf(
  format: ExchangeFormat,
  { raw, quantize }: Pick<ExportOptions, 'raw' | 'quantize'>,
): (model: OpenedModel, environment: Environment) => Promise<ExchangeFormat['write']> {
  const { write, writeRaw, writeInt8, takesRawRows } = format
  const lack = (what: string, asking: string, able: (one: ExchangeFormat) => boolean): never => {
    const others = formats.filter(able).map(({ type }) => type)
    throw new UsageError(`${format.type} takes no ${what}`, {
      hint: (option) => `leave out ${option(asking)}, or export to ${others.join(', ')}`,
    })
  }
  const isAble = (one: ExchangeFormat): boolean => one.takesRawRows ?? one.writeRaw !== undefined
  if (raw && quantize && !takesRawRows)
    throw new UsageError(`${format.type} takes raw rows or weights in int8, not both`, {
      hint: (option) => `leave out ${option('raw')} or ${option('quantize')}`,
    })
  if (raw && !quantize) {
    const writes = takesRawRows ? write : (writeRaw ?? lack('raw rows', 'raw', isAble))
    return () => Promise.resolve(writes)
  }
  if (!quantize) return () => Promise.resolve(write)
  const writes = writeInt8 ?? lack('weights in int8', 'quantize', (one) => one.writeInt8 !== undefined)
  return async (model, environment) => {
    const rows = await calibrationRows(model, environment)
    return (given, refuse) => writes(given, rows, refuse)
  }
}

function defaultName({ type, ending }: ExchangeFormat, name: string): string {
  return ending === undefined ? `${name}-${type}` : `${name}${ending}`
}

async function save(path: string, written: Written, files?: FileSystem): Promise<number> {
  if ('file' in written) await writeResultAtomic(path, written.file, files)
  else {
    await requireReplaceable(path, [...written.folder.keys()])
    await writeFolderAtomic(path, written.folder, files)
  }
  const parts = 'file' in written ? written.file : [...written.folder.values()]
  return parts.reduce((total, part) => total + Buffer.byteLength(part), 0)
}

/** Throws where a folder holds more than an export writes. */
async function requireReplaceable(path: string, names: readonly string[]): Promise<void> {
  const entries = await readdir(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return []
    throw new UsageError(`${path} is not a folder`, {
      hint: (option) => `name another one with ${option('output')}`,
    })
  })
  const foreign = entries.find((entry) => !names.includes(entry))
  if (foreign === undefined) return
  throw new UsageError(`${join(path, foreign)} is in the way; nothing was changed`, {
    hint: (option) => `name a new folder with ${option('output')}`,
  })
}
