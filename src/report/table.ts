type Alignment = 'left' | 'right'

/** Rows of text in columns under a header, ruled like Keras's tables. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Alignment[],
): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const cells = (row: readonly string[]): string[] =>
    widths.map((width, i) => (row[i] ?? '')[align[i] === 'right' ? 'padStart' : 'padEnd'](width))
  const rule = (left: string, line: string, cross: string, right: string): string =>
    left + widths.map((width) => line.repeat(width + 2)).join(cross) + right
  return [
    rule('┏', '━', '┳', '┓'),
    `┃ ${cells(header).join(' ┃ ')} ┃`,
    rule('┡', '━', '╇', '┩'),
    ...rows.map((row) => `│ ${cells(row).join(' │ ')} │`),
    rule('└', '─', '┴', '┘'),
  ].join('\n')
}
