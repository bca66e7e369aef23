import type { Command } from './command.ts'

/** The README's table of the commands, laid out as Prettier does. */
export function commandTable(commands: readonly Command[]): string {
  const rows = [
    ['command', 'what it does'],
    ...commands.map(({ name, usage, summary }) => [`\`${`nnlab ${name} ${usage}`.trimEnd()}\``, summary]),
  ]
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const [head = '', ...body] = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  )
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [head, rule, ...body].join('\n')
}
