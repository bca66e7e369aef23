import { Composer, Lexer, Parser } from 'yaml'
import type { CST } from 'yaml'

import type { Diagnostic } from '../../diagnostic.ts'
import { diagnosticAt } from './source.ts'
import type { DiagnosticText, Span } from './source.ts'
import type { ConfigNode } from './tree.ts'
import { syntaxErrors } from './yaml-errors.ts'
import { YamlToTree } from './yaml-to-tree.ts'

/** Deeper nesting than this is no config, and a recursive walk would run out of stack. */
const maxDepth = 100

/** `root` is undefined where the text is no YAML, or there is none. */
export type ParsedYaml = { readonly root: ConfigNode | undefined; readonly problems: readonly Diagnostic[] }

/** Reads YAML 1.2 (core schema, with merge keys) from a stretch of a source. */
export function parseYaml({ source, start, end }: Span): ParsedYaml {
  const text = source.text.slice(start, end)
  const spanOf = (from: number, to: number): Span => ({ source, start: start + from, end: start + to })
  const failed = (at: Span, saying: DiagnosticText): ParsedYaml => ({
    root: undefined,
    problems: [diagnosticAt(at, saying)],
  })

  const tokens: CST.Token[] = []
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (parser.stack.length > maxDepth) return failed(spanOf(parser.offset - 1, parser.offset), tooDeep)
  }
  for (const token of parser.end()) tokens.push(token)

  // Duplicate and merge keys are left to YamlToTree, which finds them in linear time and keeps positions.
  const composer = new Composer({
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
  })
  const [document, second] = composer.compose(tokens, true, text.length)
  if (!document) return { root: undefined, problems: [] }
  if (second) return failed(spanOf(second.range[0], second.range[0] + 3), secondDocument)

  const errors = syntaxErrors(document, text)
  if (errors.length > 0) {
    const problems = errors.map(({ from, to, ...saying }) => diagnosticAt(spanOf(from, to), saying))
    return { root: undefined, problems }
  }
  const tree = new YamlToTree(spanOf, maxDepth)
  return { root: tree.convert(document), problems: tree.problems }
}

const tooDeep: DiagnosticText = {
  code: 'too-deep',
  message: `nested more than ${maxDepth} levels deep`,
  hint: 'look for brackets that are never closed',
}

const secondDocument: DiagnosticText = {
  code: 'multiple-documents',
  message: 'a second YAML document starts here, but a config is one document',
  hint: 'remove the "---", or move what follows it to a file of its own',
}
