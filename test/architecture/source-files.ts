import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

import ts from 'typescript'

import { once } from '../../src/once.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A file of src/, parsed. */
export type SourceFile = {
  /** From the project's root, as in `src/random.ts`. */
  readonly path: string
  readonly tree: ts.SourceFile
  /** All of the tree. */
  readonly nodes: readonly ts.Node[]
  /** Names that the file uses without declaring or importing them. */
  readonly globals: ReadonlySet<string>
}

/** One import, static or dynamic, of a value or a type; `to` is a path from the project's root or a package. */
export type Import = { readonly from: string; readonly to: string }

/** Parsed once for all tests of the architecture. */
export const sourceFiles = once((): readonly SourceFile[] =>
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join('src', name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => {
      const tree = ts.createSourceFile(
        path,
        readFileSync(join(root, path), 'utf8'),
        ts.ScriptTarget.Latest,
        true,
      )
      const nodes = nodesOf(tree)
      return { path, tree, nodes, globals: globalsOf(nodes) }
    }),
)

export function importsOf({ path, nodes }: SourceFile): Import[] {
  return nodes
    .map(specifierOf)
    .filter((specifier) => specifier !== undefined)
    .map((specifier) => ({
      from: path,
      to: specifier.startsWith('.') ? posix.join(dirname(path), specifier) : specifier,
    }))
}

/** A node with all those inside it. */
function nodesOf(node: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = []
  const visit = (one: ts.Node): void => {
    nodes.push(one)
    ts.forEachChild(one, visit)
  }
  visit(node)
  return nodes
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier)
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return textOf(node.arguments[0])
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal)
  return undefined
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined
}

/** The objects whose properties a file reads and that it neither declares nor imports: by name, whatever the scope. */
function globalsOf(nodes: readonly ts.Node[]): Set<string> {
  const declared = new Set(
    nodes.flatMap((node) =>
      isDeclaration(node) && node.name && ts.isIdentifier(node.name) ? [node.name.text] : [],
    ),
  )
  const read = nodes.flatMap((node) =>
    (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) &&
    ts.isIdentifier(node.expression)
      ? [node.expression.text]
      : [],
  )
  return new Set(read.filter((name) => !declared.has(name)))
}

function isDeclaration(node: ts.Node): node is ts.NamedDeclaration {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isImportSpecifier(node)
  )
}
