import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { Document, LineCounter, isAlias, isMap, isNode, isPair, isScalar, isSeq, parseDocument } from 'yaml'
import type { Node } from 'yaml'

import { formatPath } from '../diagnostic.ts'
import type { ConfigPath, Diagnostic, Problem } from '../diagnostic.ts'
import { NnlabError, ExitCode } from '../errors.ts'

/** A config as plain data that knows where each of its values was written. */
export type ConfigDocument = {
  readonly file: string
  /** After anchors, merge keys, `extends` and `--set`. */
  readonly data: unknown
  /** What is wrong with the text itself. */
  readonly problems: readonly Diagnostic[]
  /** The texts that diagnostics point into, by file. */
  readonly sources: ReadonlyMap<string, string>
  locate(problem: Problem): Diagnostic
  /** The file in which the value at a path was written. */
  fileOf(path: ConfigPath): string
}

/** One text of the config: its own file, a base, or the arguments of `--set`. */
type Layer = {
  readonly file: string
  readonly document: Document
  readonly lines: LineCounter
  readonly line?: number
}

const MOST_BYTES = 10_000_000

/** Reads a config file, the files it extends and the overrides of the command line, last ones first in rank. */
export function loadDocument(file: string, overrides: readonly string[] = []): ConfigDocument {
  const problems: Diagnostic[] = []
  const sources = new Map<string, string>()
  const layers = [
    ...readOverrides(overrides, sources, problems),
    ...readFileAndBases(resolve(file), sources, problems, []),
  ]
  let data: unknown
  for (const { document } of layers.toReversed()) data = merge(data, plain(document))
  if (typeof data === 'object' && data !== null && 'extends' in data) {
    const { extends: _, ...rest } = data
    data = rest
  }
  const find = (path: ConfigPath): { layer: Layer; node: Node } | undefined => {
    for (const layer of layers) {
      const node = path.length === 0 ? layer.document.contents : layer.document.getIn(path, true)
      if (isNode(node)) return { layer, node }
    }
    return undefined
  }
  return {
    file,
    data,
    problems,
    sources,
    fileOf(path) {
      const found = find(path)?.layer.file
      return found === undefined || found === SET ? resolve(file) : found
    },
    locate({ severity, code, path, at, message, hint }) {
      const found = locateNode(layers, path, at === 'key')
      const place = found ?? { file: resolve(file), line: 1, column: 1, length: 1 }
      return {
        severity,
        code,
        message,
        path: formatPath(path),
        ...place,
        ...(hint !== undefined && { hint }),
      }
    },
  }
}

const SET = '--set'

function readFileAndBases(
  file: string,
  sources: Map<string, string>,
  problems: Diagnostic[],
  trail: readonly string[],
): Layer[] {
  const text = readText(file)
  sources.set(file, text)
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    uniqueKeys: true,
  })
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0])
    problems.push({
      severity: 'error',
      code: error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'yaml-syntax',
      message: error.code === 'DUPLICATE_KEY' ? 'this key stands twice in one map' : error.message,
      file,
      line,
      column: col,
      length: Math.max(1, error.pos[1] - error.pos[0]),
      path: '',
    })
  }
  const layer: Layer = { file, document, lines }
  if (document.errors.length > 0) return [layer]
  if (!isMap(document.contents)) {
    problems.push({
      severity: 'error',
      code: 'not-a-map',
      message: 'a config is a map of keys such as data, model, compile and fit',
      file,
      line: 1,
      column: 1,
      length: 1,
      path: '',
    })
    return [layer]
  }
  const bases: unknown = document.toJS()?.extends
  const names = bases === undefined ? [] : Array.isArray(bases) ? bases.map(String) : [String(bases)]
  return [
    layer,
    ...names.toReversed().flatMap((name) => {
      const base = resolve(dirname(file), name)
      const fail = (message: string): [] => {
        const place = locateNode([layer], ['extends'], false) ?? { file, line: 1, column: 1, length: 1 }
        problems.push({ severity: 'error', code: 'extends', message, path: 'extends', ...place })
        return []
      }
      if ([...trail, file].includes(base)) return fail(`${name} extends this file in turn`)
      try {
        return readFileAndBases(base, sources, problems, [...trail, file])
      } catch (error) {
        if (error instanceof NnlabError) return fail(error.message)
        throw error
      }
    }),
  ]
}

function readText(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder'
          : code === 'EACCES'
            ? 'permission denied'
            : String(code)
    throw new NnlabError(ExitCode.config, `cannot read the config ${file}: ${why}`, {
      hint: '`nnlab init` writes one to start from',
      cause,
    })
  }
  if (bytes.length > MOST_BYTES)
    throw new NnlabError(ExitCode.config, `${file} has ${bytes.length} bytes: that is no config`)
  return bytes.toString('utf8').replace(/^\ufeff/, '')
}

function plain(document: Document): unknown {
  return document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 })
}

/** Each `--set a.b[0].c=value` as a document of its own. */
function readOverrides(
  overrides: readonly string[],
  sources: Map<string, string>,
  problems: Diagnostic[],
): Layer[] {
  if (overrides.length > 0) sources.set(SET, overrides.join('\n'))
  return overrides
    .flatMap((text, i): Layer[] => {
      const match = /^([A-Za-z_][\w.[\]-]*)=([\s\S]*)$/.exec(text)
      if (match === null) {
        problems.push({
          severity: 'error',
          code: 'set',
          message: `expected key.path=value, got "${text}"`,
          file: SET,
          line: i + 1,
          column: 1,
          length: text.length,
          path: '',
        })
        return []
      }
      const [, path = '', value = ''] = match
      const document = new Document({})
      const parsed = parseDocument(value, { prettyErrors: false })
      const keys = [...path.matchAll(/[^.[\]]+/g)].map(([key]) => (/^\d+$/.test(key) ? Number(key) : key))
      document.setIn(keys, parsed.contents)
      return [{ file: SET, document, lines: new LineCounter(), line: i + 1 }]
    })
    .toReversed()
}

/** Maps merge key by key; a list is replaced, unless a map with numbers for keys sets some of its items. */
function merge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base
  if (typeof over !== 'object' || over === null || Array.isArray(over)) return over
  if (Array.isArray(base) && Object.keys(over).every((key) => /^\d+$/.test(key))) {
    const items: unknown[] = [...base]
    for (const [key, value] of Object.entries(over)) items[Number(key)] = merge(items[Number(key)], value)
    return items
  }
  if (typeof base !== 'object' || base === null || Array.isArray(base)) return over
  const merged = new Map(Object.entries(base))
  for (const [key, value] of Object.entries(over)) merged.set(key, merge(merged.get(key), value))
  return Object.fromEntries(merged)
}

type Located = Pick<Diagnostic, 'file' | 'line' | 'column' | 'length'>

/** The place of a path's value or key; of a missing key, that of the nearest parent. */
function locateNode(layers: readonly Layer[], path: ConfigPath, key: boolean): Located | undefined {
  for (let length = path.length; length >= 0; length--) {
    const part = path.slice(0, length)
    for (const layer of layers) {
      if (layer.file === SET) {
        if (length > 0 && layer.document.hasIn(part))
          return { file: SET, line: layer.line ?? 1, column: 1, length: 1 }
        continue
      }
      const range = rangeOf(layer.document, part, key || length < path.length)
      if (range === undefined) continue
      const { line, col } = layer.lines.linePos(range[0])
      const end = layer.lines.linePos(range[1])
      return {
        file: layer.file,
        line,
        column: col,
        length: Math.max(1, end.line === line ? end.col - col : 1),
      }
    }
  }
  return undefined
}

function rangeOf(document: Document, path: ConfigPath, key: boolean): [number, number] | undefined {
  let node: unknown = document.contents
  let keyNode: unknown
  for (const step of path) {
    const target: unknown = isAlias(node) ? node.resolve(document) : node
    if (isMap(target)) {
      const pair = target.items.find(
        (item) => isPair(item) && String(isScalar(item.key) ? item.key.value : item.key) === String(step),
      )
      if (pair === undefined) return undefined
      node = pair.value
      keyNode = pair.key
    } else if (isSeq(target)) {
      node = target.items[Number(step)]
      keyNode = undefined
      if (node === undefined) return undefined
    } else return undefined
  }
  const chosen = (key || !isScalar(node)) && isNode(keyNode) ? keyNode : node
  if (!isNode(chosen) || !chosen.range) return undefined
  return [chosen.range[0], chosen.range[1]]
}
