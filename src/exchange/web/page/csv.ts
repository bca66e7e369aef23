// Rows of a pasted or opened csv file: strings by the names of the first line.

export function rowsOfCsv(text: string): Record<string, string | null>[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const delimiter = ['\t', ';', ','].find((sign) => lines[0]?.includes(sign)) ?? ','
  const [names = [], ...rows] = lines.map((line) => cellsOf(line, delimiter))
  return rows.map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i] || null])))
}

/** The cells of a line; those in quotes may hold the delimiter, and quotes as two. */
function cellsOf(line: string, delimiter: string): string[] {
  const cell = new RegExp(`${delimiter}(?:"(?:[^"]|"")*"|[^${delimiter}]*)`, 'g')
  return (delimiter + line).match(cell)?.map(unquoted) ?? []
}

/** A cell without the delimiter before it, and without quotes. */
function unquoted(cell: string): string {
  const plain = cell.slice(1).trim()
  return plain.startsWith('"') ? plain.slice(1, -1).replaceAll('""', '"') : plain
}
