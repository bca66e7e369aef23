import { alignedTable } from '../src/report/text/aligned-table.ts'

/** The README's table of speeds, of the text of bench/RESULTS.md: the networks on which nnlab is slowest first. */
export function speedTable(results: string): string {
  const section = results.split(/^## /m).find((part) => part.startsWith('Ratios')) ?? ''
  const [, , ...lines] = section.split('\n').filter((line) => line.startsWith('|'))
  const rows = lines.map((line) => line.split(' | ').slice(0, 4).map(plain))
  return alignedTable([
    ['network', 'nnlab', 'fastest competitor', 'ratio'],
    ...rows.toSorted((a, b) => parseFloat(a[3] ?? '') - parseFloat(b[3] ?? '')),
  ])
}

function plain(cell: string): string {
  return cell.replaceAll('*', '').replace(/^\| /, '').replace(/ \|$/, '')
}
