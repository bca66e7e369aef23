import { alignedTable } from '../report/text/aligned-table.ts'
import type { Command } from './command.ts'

/** The README's table of the commands. */
export function commandTable(commands: readonly Command[]): string {
  return alignedTable([
    ['command', 'what it does'],
    ...commands.map(({ name, usage, summary }) => [`\`${`nnlab ${name} ${usage}`.trimEnd()}\``, summary]),
  ])
}
