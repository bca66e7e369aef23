import ts from 'typescript'
import { describe, expect, it } from 'vitest'

import { importsOf, sourceFiles } from './source-files.ts'
import type { SourceFile } from './source-files.ts'

const files = sourceFiles()

describe('code in src/', () => {
  it('has no function of more than 80 lines', () => {
    const long = files.flatMap((file) => functionsOf(file).filter(({ lines }) => lines > 80))
    expect(long.map(({ name, lines }) => `${name}: ${lines} lines`)).toEqual([])
  })

  it('has commands that only call, render and report: at most 12 imports and 60 lines a run', () => {
    const commands = files.filter(({ path }) => /^src\/cli\/commands\/(?!index)/.test(path))
    expect(commands.length).toBeGreaterThan(10)
    const many = commands.filter((file) => importsOf(file).length > 12).map(({ path }) => path)
    const long = commands.flatMap((file) => functionsOf(file).filter(({ lines }) => lines > 60))
    expect([...many, ...long.map(({ name, lines }) => `${name}: ${lines} lines`)]).toEqual([])
  })

  it('names each type once', () => {
    const places = new Map<string, string[]>()
    for (const { path, tree } of files) {
      for (const statement of tree.statements) {
        if (!isType(statement) || statement.name === undefined) continue
        const name = statement.name.text
        places.set(name, [...(places.get(name) ?? []), path])
      }
    }
    const several = [...places].filter(([, paths]) => paths.length > 1)
    expect(several.map(([name, paths]) => `${name}: ${paths.join(', ')}`)).toEqual([])
  })
})

function isType(
  node: ts.Node,
): node is ts.TypeAliasDeclaration | ts.InterfaceDeclaration | ts.ClassDeclaration {
  return ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)
}

/** The functions and methods of a file, with the lines from the first to the last. */
function functionsOf({ path, tree, nodes }: SourceFile): { name: string; lines: number }[] {
  const line = (position: number): number => tree.getLineAndCharacterOfPosition(position).line
  return nodes
    .filter((node) => ts.isFunctionLike(node) && 'body' in node && node.body !== undefined)
    .map((node) => {
      const first = line(node.getStart(tree))
      return { name: `${path}:${first + 1}`, lines: line(node.end) - first + 1 }
    })
}
