import { isUtf8 } from 'node:buffer'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'

import { formatPath } from '../../diagnostic.ts'
import type { ConfigPath, Diagnostic, Problem } from '../../diagnostic.ts'
import { nearest } from '../../nearest.ts'
import { applyOverrides } from './overrides.ts'
import { ConfigSource, diagnosticAt, diagnosticOf } from './source.ts'
import type { DiagnosticText } from './source.ts'
import { follow, mapData, mergeNodes } from './tree.ts'
import type { Data, ListNode, MapNode, ScalarNode } from './tree.ts'
import { parseYaml } from './yaml.ts'
import { quote } from '../../wording.ts'

/** A config as plain data that knows where each of its values was written. */
export type ConfigDocument = {
  /** The absolute path. */
  readonly file: string
  /** After anchors, merge keys, `extends` and `--set`; undefined where the text could not be read. */
  readonly data: Data | undefined
  /** Mistakes in the text itself. */
  readonly problems: readonly Diagnostic[]
  /** The texts that diagnostics point into, by file. */
  readonly sources: ReadonlyMap<string, string>
  locate(problem: Problem): Diagnostic
  /** The file in which the value at a path was written; undefined where the command line says it. */
  fileOf(path: ConfigPath): string | undefined
  /** The same document with further overrides. */
  with(overrides: readonly string[]): ConfigDocument
}

/** Larger files are data, which belongs in a file that the config names. */
const mostBytes = 2_000_000

/**
 * Reads a config file, the files it extends and the overrides of the command line, last ones first in rank. `text` stands
 * for the contents of a file that need not exist.
 */
export function loadDocument(path: string, overrides: readonly string[] = [], text?: string): ConfigDocument {
  const file = resolve(path)
  const reader = new Reader(text === undefined ? undefined : new ConfigSource(file, text))
  return documentOf(file, reader, reader.read(file, []), overrides)
}

function documentOf(
  file: string,
  reader: Reader,
  written: MapNode | undefined,
  overrides: readonly string[],
): ConfigDocument {
  const { root, source, problems } = applyOverrides(written, overrides)
  return {
    file,
    data: root && mapData(root),
    problems: [...reader.problems, ...problems],
    sources: new Map([...reader.sources, ...(source ? [[source.file, source.text] as const] : [])]),
    fileOf(path) {
      const from = root && follow(root, path).node.span.source.file
      return from === undefined ? file : from === source?.file ? undefined : from
    },
    with: (further) => documentOf(file, reader, written, [...overrides, ...further]),
    locate({ path, at, ...saying }) {
      const said = { ...saying, path: formatPath(path) }
      if (!root) return diagnosticOf(file, said)
      const { node, key, complete } = follow(root, path)
      return diagnosticAt((at === 'key' || !complete) && key ? key : node.span, said)
    },
  }
}

/** Reads files and the files they extend, each once. */
class Reader {
  readonly problems: Diagnostic[] = []
  readonly sources = new Map<string, string>()
  readonly #roots = new Map<string, MapNode | undefined>()
  readonly #given: ConfigSource | undefined

  constructor(given: ConfigSource | undefined) {
    this.#given = given
  }

  /** The map that a file and its bases make together; `trail` are the files that led here. */
  read(file: string, trail: readonly string[]): MapNode | undefined {
    if (this.#roots.has(file)) return this.#roots.get(file)
    const root = this.#readOne(file, trail.length > 0)
    const extended = root && this.#extend(root, file, [...trail, file])
    this.#roots.set(file, extended)
    return extended
  }

  #readOne(file: string, isBase: boolean): MapNode | undefined {
    const source = file === this.#given?.file ? this.#given : readSource(file)
    if (!(source instanceof ConfigSource)) return this.#fail(diagnosticOf(file, source))
    this.sources.set(file, source.text)
    const stray = strayCharacter(source.text)
    if (stray !== -1) {
      return this.#fail(
        diagnosticAt({ source, start: stray, end: stray + 1 }, strayControl(source.text, stray)),
      )
    }
    const { root, problems } = parseYaml({ source, start: 0, end: source.text.length })
    // A base that is not called a config may be any file of the machine: its content is not shown.
    const mayBePrivate = isBase && !/\.(ya?ml|json)$/i.test(file)
    if (mayBePrivate && root?.kind !== 'map') return this.#fail(diagnosticOf(file, notAMap))
    this.problems.push(...problems)
    if (root?.kind === 'map') return root
    if (root) return this.#fail(diagnosticAt(root.span, notAMap))
    return problems.length > 0 ? undefined : this.#fail(diagnosticOf(file, empty))
  }

  #extend(root: MapNode, file: string, trail: readonly string[]): MapNode | undefined {
    const entry = root.entries.get('extends')
    if (!entry) return root
    const entries = new Map(root.entries)
    entries.delete('extends')
    const bases = entry.value.kind === 'list' ? entry.value.items : [entry.value]
    let merged: MapNode | undefined
    for (const base of bases) {
      const found = this.#base(base, file, trail)
      if (!found) return undefined
      merged = merged ? mergeNodes(merged, found) : found
    }
    const own = { ...root, entries }
    return merged ? mergeNodes(merged, own) : own
  }

  #base(node: MapNode | ListNode | ScalarNode, file: string, trail: readonly string[]): MapNode | undefined {
    const fail = (message: string, hint?: string): undefined =>
      this.#fail(
        diagnosticAt(node.span, {
          code: 'extends',
          path: 'extends',
          message,
          ...(hint !== undefined && { hint }),
        }),
      )
    if (node.kind !== 'scalar' || typeof node.value !== 'string') {
      return fail('extends takes the path of a config file, or a list of them', 'as in `extends: base.yaml`')
    }
    const base = resolve(dirname(file), node.value)
    if (trail.includes(base)) {
      const hint = 'a config cannot inherit from itself: remove one of the two'
      return fail(
        base === file ? 'this file extends itself' : `${node.value} extends this file in turn`,
        hint,
      )
    }
    const source = this.#roots.has(base) ? undefined : readSource(base)
    if (source && !(source instanceof ConfigSource)) {
      const close = configLike(base)
      return fail(
        `cannot read ${node.value}: ${source.message}`,
        close === undefined ? 'paths start from the folder of this file' : `did you mean ${quote(close)}?`,
      )
    }
    return this.read(base, trail)
  }

  #fail(diagnostic: Diagnostic): undefined {
    this.problems.push(diagnostic)
  }
}

function readSource(file: string): ConfigSource | DiagnosticText {
  try {
    const found = statSync(file)
    if (!found.isFile() && !found.isDirectory()) return special
    if (found.isFile() && ROWS.test(file)) return rowsInstead(basename(file))
    if (found.size > mostBytes) {
      return {
        code: 'too-large',
        message: `the file has ${found.size} bytes, but a config may have at most ${mostBytes}`,
        hint: 'put rows into a csv or jsonl file, and name it in data.path',
      }
    }
    const bytes = readFileSync(file)
    if (bytes[0] === 0xff || bytes[0] === 0xfe || !isUtf8(bytes)) return notText
    return new ConfigSource(file, bytes.toString('utf8').replace(/^\ufeff/, ''))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (basename(file) === '-') return standardInput
    return {
      code: 'unreadable',
      message: unreadable.get(code) ?? `the file cannot be read (${code})`,
      hint: unreadableHint(code, file),
    }
  }
}

function unreadableHint(code: string, file: string): string {
  if (code === 'EISDIR') return 'name a config; `nnlab train --resume RUN` continues the run in a folder'
  if (code === 'ENOENT' && !existsSync(dirname(file))) return 'its folder does not exist either'
  const close = configLike(file)
  return close === undefined ? createOne.hint : `did you mean ${quote(close)}?`
}

/** The name of the config that is most like one that is missing, and in the same folder. */
export function configLike(file: string): string | undefined {
  const folder = dirname(file)
  if (existsSync(file) || statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    return undefined
  const names = readdirSync(folder).filter((name) => CONFIG.test(name))
  const name = basename(file).replace(CONFIG, '')
  return names.find((one) => one.replace(CONFIG, '') === name) ?? nearest(basename(file), names)
}

const CONFIG = /\.ya?ml$/i

const special: DiagnosticText = {
  code: 'unreadable',
  message: 'this is a pipe or a device, not a file',
  hint: 'write the config to a file',
}

const standardInput: DiagnosticText = {
  code: 'unreadable',
  message: 'a config is read from a file, not from standard input',
  hint: 'write it to a file, and name that',
}

/** Files of rows by their names. */
const ROWS = /\.(?:csv|tsv|jsonl|ndjson|parquet|np[yz])(?:\.(?:gz|zst))?$/i

function rowsInstead(name: string): DiagnosticText {
  return {
    code: 'not-a-map',
    message: 'this file holds rows, not a config',
    hint: `\`nnlab init --data ${name}\` writes a config that reads them; to predict them, name the model first: \`nnlab predict RUN ${name}\``,
  }
}

const createOne = { hint: '`nnlab init` writes a config to start from' }

const unreadable: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such file'],
  ['EISDIR', 'this is a folder, not a file'],
  ['EACCES', 'permission denied'],
])

/** The first character that no text file holds. */
function strayCharacter(text: string): number {
  return text.search(/(?![\t\n\r\u0080-\u009f])\p{Cc}/u)
}

const notText: DiagnosticText = {
  code: 'not-text',
  message: 'this file is not text in UTF-8',
  hint: 'save the config as plain text, with the encoding UTF-8',
}

function strayControl(text: string, at: number): DiagnosticText {
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')
  return { code: 'not-text', message: `unexpected control character (U+${code})`, hint: 'remove it' }
}

const notAMap: DiagnosticText = {
  code: 'not-a-map',
  message: 'a config is a map of keys such as data, model, compile and fit',
  hint: '`nnlab init` writes one to start from',
}

const empty: DiagnosticText = { code: 'empty', message: 'the config is empty', ...createOne }
