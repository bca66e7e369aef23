import { existsSync, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import { DELIMITER } from '../components/sources/csv.ts'
import { isNamedLikeRows } from '../components/sources/index.ts'
import { DataError, UsageError } from '../errors.ts'
import { requireUnread } from '../experiment/read-files.ts'
import { starterConfig } from '../experiment/starter/config.ts'
import { chooseFeatures, labelColumns, splitColumn } from '../experiment/starter/features.ts'
import type { FeatureChoice } from '../experiment/starter/features.ts'
import { clockOf, forecastOf } from '../experiment/starter/forecast.ts'
import { chooseTarget } from '../experiment/starter/target.ts'
import { sourceOfRows } from '../experiment/starter/source.ts'
import { packagedFile } from '../packaged-file.ts'
import { portablePath } from '../portable-path.ts'
import { isMap } from '../registry.ts'
import { makeFolder, writeFileAtomic, writeResultAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import { orElsewhere } from '../run/place-error.ts'
import { folderName } from '../spec/load.ts'
import { DataSpec } from '../spec/schema/data.ts'
import { isDatePattern, MISSING } from '../runtime/text-form.ts'
import { isPattern } from '../table/files/patterns.ts'
import { detectForm } from '../table/formats/detect.ts'
import type { DetectedForm } from '../table/formats/detect.ts'
import { IMAGE_NAME } from '../table/formats/image-names.ts'
import { isPlaceholder } from '../table/formats/placeholder.ts'
import type { TableReading } from '../table/columns/reading.ts'
import type { Column, DividedTables, Table } from '../table/table.ts'
import { quote } from '../wording.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import { environmentOf } from './environment.ts'
import type { WriterOptions } from './environment.ts'

export type CreateConfigOptions = WriterOptions & {
  /** The file to write; default: `nnlab.yaml`. */
  readonly file?: string | undefined
  /** A file, a pattern, or a folder of images or texts whose rows the config fits; default: the XOR problem. */
  readonly data?: string | undefined
  /** The column to predict; default: one named target, label, class or y, else the last one. */
  readonly target?: string | undefined
  /** The character between the fields of a CSV file; default: found in the file. */
  readonly delimiter?: string | undefined
  /** The name of an example, which is written with its data; see configs/ of the package. */
  readonly example?: string | undefined
  /** Replaces a file that exists. */
  readonly force?: boolean | undefined
}

/** Writes a config that can be trained as it is. */
export async function createConfig(options: CreateConfigOptions): Promise<void> {
  const { file = DEFAULT_CONFIG, data, force } = options
  const { cwd } = environmentOf(options)
  const path = resolve(cwd, file)
  if (isNamedLikeRows(file) || statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`${quote(file)} is no name for a config`, {
      hint: (option) => `name a file of rows or a folder with ${option('data')}`,
    })
  }
  if (!force && existsSync(path)) {
    throw new UsageError(`${file} exists already`, {
      hint: (option) => `name another file, or replace it with ${option('force')}`,
    })
  }
  for (const option of ['target', 'delimiter'] as const) {
    if (data !== undefined || options[option] === undefined) continue
    throw new UsageError('there is no file of rows that it could apply to', {
      option,
      hint: 'name the file that has the rows',
    })
  }
  await orElsewhere('name another file', async () => {
    await requireUnread(path, { rows: [data] }, { cwd })
    await writeResultAtomic(path, await contentFor(path, options), options.files)
  })
}

async function contentFor(path: string, options: CreateConfigOptions): Promise<string> {
  const { data, example } = options
  if (data !== undefined && example !== undefined) {
    throw new UsageError('the example has data of its own', {
      option: 'data',
      hint: 'leave out one of the two',
    })
  }
  if (example !== undefined) return exampleConfig(example, dirname(path), options.files)
  return data === undefined ? XOR : configOfRows(path, data, options)
}

/** An example of the package; its rows are copied beside the config. */
async function exampleConfig(name: string, folder: string, files?: FileSystem): Promise<string> {
  const examples = packagedFile('configs')
  const names = (await readdir(examples)).flatMap((file) => /^(.*)\.yaml$/.exec(file)?.[1] ?? [])
  if (!names.includes(name)) {
    throw new UsageError(`there is no example ${quote(name)}`, {
      hint: `the examples are ${names.join(', ')}`,
    })
  }
  const text = await readFile(join(examples, `${name}.yaml`), 'utf8')
  for (const [path] of text.matchAll(/(?<=^ {2}path: )data\/[\w.-]+$/gm)) {
    const copy = join(folder, path)
    await makeFolder(dirname(copy), files)
    if (!existsSync(copy)) await writeFileAtomic(copy, await readFile(join(examples, path)), files)
  }
  return text.replace(/\$schema=.*/, () => `$schema=${schemaAddress()}`)
}

function schemaAddress(): string {
  return pathToFileURL(packagedFile('schema/nnlab.schema.json')).href
}

const XOR = `# A network that learns XOR. To explain a key: nnlab explain fit.epochs
name: xor
seed: 1

data:
  type: inline
  inputs: [[0, 0], [0, 1], [1, 0], [1, 1]]
  targets: [0, 1, 1, 0]

model:
  input: [2]
  layers:
    - {type: dense, units: 8, activation: tanh}
    - {type: dense, units: 1, activation: sigmoid}

compile:
  loss: binary_crossentropy
  optimizer: {type: adam, learning_rate: 0.05}
  metrics: [accuracy]

fit:
  batch_size: 4
  epochs: 200
`

/** A config for the rows of a file or folder; `path` is that of the config. */
async function configOfRows(path: string, data: string, options: CreateConfigOptions): Promise<string> {
  const { cwd, stdin, datasets } = environmentOf(options)
  const file = resolve(cwd, data)
  const { source, keys, sample } = await sourceOfRows(file)
  const reading = { directory: cwd, stdin, datasets }
  const { delimiter } = options
  requireDelimiter(delimiter)
  const found = source.type === 'csv' ? await detectForm(sample, reading) : {}
  const size = source.type === 'images' ? { image_size: IMAGE_SIZE } : {}
  // Labels in folders, or in a file of their own.
  const isTargetNamed = source.type !== 'images' && source.type !== 'idx'
  const named = isTargetNamed ? { target: options.target ?? 'target' } : {}
  const read = (form: object, types?: TableReading['types']) =>
    source.read(DataSpec.parse({ type: source.type, ...keys, ...form, ...size, ...named }), {
      ...reading,
      types,
    })
  const { form, rows } = await readWithMissing(
    { ...found, ...(delimiter !== undefined && { delimiter }) },
    read,
  )
  const { train: table, validation, test } = rows
  const target = chooseTarget(table, options.target)
  refuseImageNames(table, target.column)
  const split = splitColumn(table)
  const taken = new Set([target.column, split])
  const written = await writtenColumns(table, taken, (types) => read(form, types))
  const labels = labelColumns(written)
  const columns = table.columns.map((column) => labels.get(column.name) ?? column)
  const features = chooseFeatures({ ...table, columns }, taken, dateColumns(found))
  requireFeature(table, target.column, features)
  const forecast = validation || split !== undefined ? undefined : forecastOf(table, target, features)
  return starterConfig({
    name: nameOf(file),
    schema: schemaAddress(),
    source: { type: source.type, ...relativePaths(keys, dirname(path)), ...form, ...size },
    table,
    target,
    isTargetNamed,
    features,
    oneHot: features.flatMap(({ column, use }) =>
      use === 'categories' && labels.has(column) ? [column] : [],
    ),
    forecast,
    clock: forecast ? undefined : clockOf(table, target, features),
    split: validation ? 'own' : split === undefined ? (test ? 'own test' : 'fractions') : { column: split },
  })
}

/** The name of a model by its rows: that of their file, or of the folder that the files of a pattern are in. */
function nameOf(path: string): string {
  const plain = basename(path).replace(/\..*$/, '')
  return folderName(isPattern(plain) ? basename(dirname(path)) : plain)
}

function requireDelimiter(delimiter: string | undefined): void {
  if (delimiter === undefined || DELIMITER.test(delimiter)) return
  throw new UsageError(`expected one ASCII character, or whitespace, got ${quote(delimiter)}`, {
    option: 'delimiter',
  })
}

/** The columns of numbers with words among them, as they are written. */
async function writtenColumns(
  { columns }: Table,
  taken: ReadonlySet<string | undefined>,
  read: (types: TableReading['types']) => Promise<DividedTables>,
): Promise<readonly Column[]> {
  const names = columns.flatMap((column) =>
    column.kind === 'number' && column.invalid && !taken.has(column.name) ? [column.name] : [],
  )
  if (names.length === 0) return []
  const { train } = await read(new Map(names.map((name) => [name, 'string'])))
  return train.columns.filter(({ name }) => names.includes(name))
}

/** The columns whose values are dates in another form than ISO 8601. */
function dateColumns({ formats = {} }: DetectedForm): Set<string> {
  const dated = Object.entries(formats).filter(([, pattern]) => isDatePattern(pattern))
  return new Set(dated.map(([column]) => column))
}

/** Keys of absolute paths as they start from a folder. */
function relativePaths(keys: Readonly<Record<string, unknown>>, folder: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(keys).map(([key, path]) => [
      key,
      typeof path === 'string'
        ? portablePath(relative(folder, path)) || '.'
        : isMap(path)
          ? relativePaths(path, folder)
          : path,
    ]),
  )
}

/** Refuses a csv file whose rows name images, which another source reads. */
function refuseImageNames({ name, columns }: Table, target: string): void {
  const images = columns.find(
    ({ kind, values }) => kind === 'string' && values.every((value) => IMAGE_NAME.test(String(value))),
  )
  if (images === undefined) return
  const table = `{path: ${name}, image: ${images.name}, target: ${target}}`
  throw new DataError(
    `${name}: the column ${quote(images.name)} names images, which type: csv does not read`,
    {
      hint: `write a config with data: {type: images, path: FOLDER, table: ${table}}; names start from FOLDER`,
    },
  )
}

/** Refuses a table whose columns all say nothing of the target, as a training would. */
function requireFeature(table: Table, target: string, features: readonly FeatureChoice[]): void {
  if (features.some(({ use }) => use !== 'none')) return
  const reasons = features.slice(0, 5).map(({ column, note = '' }) => `${quote(column)} (${note})`)
  throw new DataError(`${table.name}: no column is a feature for ${quote(target)}: ${reasons.join(', ')}`, {
    hint: (option) => `name another column with ${option('target')}, or write data.features by hand`,
  })
}

/** Reads rows; words that stand among the numbers of rows behind those that the form was detected from are missing values, too. */
async function readWithMissing(
  form: DetectedForm,
  read: (form: object) => Promise<DividedTables>,
): Promise<{ form: DetectedForm; rows: DividedTables }> {
  const rows = await read(form)
  const known = form.missing_values ?? MISSING
  const words = rows.train.columns.flatMap((column) => {
    const text = column.kind === 'number' ? column.invalid?.text : undefined
    return text !== undefined && isPlaceholder(text) && !known.includes(text) ? [text] : []
  })
  if (words.length === 0) return { form, rows }
  const missing_values = [...new Set([...known.filter(Boolean), ...words])]
  return readWithMissing({ ...form, missing_values }, read)
}

/** Height and width of the images of a folder. */
const IMAGE_SIZE = [64, 64]
