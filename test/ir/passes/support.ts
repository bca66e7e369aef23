import { Builder } from '../../../src/ir/builder.ts'
import type { Value } from '../../../src/ir/ir.ts'
import { removeDeadCode } from '../../../src/ir/passes/dead-code.ts'
import { rewrite } from '../../../src/ir/passes/rewrite.ts'
import type { RewriteRule } from '../../../src/ir/passes/rewrite.ts'
import { print } from '../../../src/ir/print.ts'

/** The lines of what a program becomes, without its inputs. */
export function rewritten(build: (b: Builder) => Value, ...rules: readonly RewriteRule[]): string[] {
  const b = new Builder()
  const program = b.program([['y', build(b)]])
  return bodyOf(print(removeDeadCode(rewrite(program, rules))))
}

/** The lines of a printed program without its inputs. */
export function bodyOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('input'))
  // Numbered anew, so that a test does not depend on what else was made.
  const names = new Map<string, string>()
  return lines.map((line) =>
    line.replace(/%\d+/g, (name) => {
      const renamed = names.get(name) ?? `%${names.size}`
      names.set(name, renamed)
      return renamed
    }),
  )
}
