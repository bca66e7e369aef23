/** Lines of at most `width` characters, broken at spaces where possible, preferably at double ones. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const gap = rest.lastIndexOf('  ', width)
    const space = gap > width / 2 ? gap : rest.lastIndexOf(' ', width)
    const end = space > 0 ? space : width
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}
