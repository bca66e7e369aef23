import { time } from './chart.ts'
import type { FashionRow } from './fashion.ts'
import { WANTED } from './fashion.ts'
import type { Network } from './peers/conversation.ts'
import type { Peer } from './peers/list.ts'
import type { Row } from './rounds.ts'
import type { Scale } from './scaling.ts'
import type { ColdRow } from './whole-process.ts'

export type Results = {
  readonly machine: Readonly<Record<string, string | number>>
  readonly versions: Readonly<Record<string, string>>
  readonly rounds: number
  readonly seconds: number
  readonly steps: readonly Row[]
  readonly memory: readonly { readonly peer: string; readonly megabytes?: number; readonly error?: string }[]
  readonly scaling: readonly {
    readonly what: string
    readonly value: number
    readonly rows: readonly Row[]
  }[]
  readonly cold: readonly ColdRow[]
  readonly fashion: readonly FashionRow[]
}

/** bench/RESULTS.md: every row, the ones that nnlab loses included. */
export function markdown(
  results: Results,
  networks: readonly Network[],
  peers: readonly Peer[],
  scales: readonly Scale[],
): string {
  const title = (name: string): string => peers.find((peer) => peer.name === name)?.title ?? name
  const of = (network: string, peer: string): Row | undefined =>
    results.steps.find((row) => row.network === network && row.peer === peer)
  const sections = [
    '# Benchmark results',
    'Written by `npm run bench`; bench/README.md says what is measured and how.',
    table(
      ['', ''],
      Object.entries({ ...results.machine, ...results.versions }).map(([key, value]) => [key, String(value)]),
    ),
    '## Ratios',
    'How many times as long a step takes elsewhere as in nnlab (median by median); below 1 nnlab is the slower one. ' +
      '*Fastest rival* is the fastest of Keras on its three back ends, PyTorch and tfjs-node.',
    table(
      [
        'network',
        'nnlab',
        'fastest rival',
        'ratio',
        ...peers.filter(({ role }) => role !== 'nnlab').map((peer) => peer.title),
      ],
      networks.map((network) => {
        const own = of(network.name, 'nnlab')?.median
        const rival = fastestRival(results.steps, network, peers)
        return [
          network.title,
          own === undefined ? '-' : time(own),
          rival === undefined ? '-' : `${title(rival.peer)}, ${time(rival.median ?? NaN)}`,
          `**${ratio(rival?.median, own)}**`,
          ...peers
            .filter(({ role }) => role !== 'nnlab')
            .map((peer) => ratio(of(network.name, peer.name)?.median, own)),
        ]
      }),
    ),
    '## Time per training step',
    `Median of ${results.rounds} interleaved rounds of about ${results.seconds} s each, with the lowest and the highest.`,
    ...networks.flatMap((network) => [
      `### ${network.title}`,
      stepTable(
        results.steps.filter((row) => row.network === network.name),
        title,
      ),
    ]),
    ...section(
      '## Peak memory',
      'Of a process that trains the convolutional net and nothing else; the rows are random numbers.',
      table(
        ['peer', 'MB'],
        results.memory.map(({ peer, megabytes, error }) => [
          title(peer),
          megabytes?.toFixed(0) ?? error ?? '-',
        ]),
      ),
      results.memory.length,
    ),
    ...section(
      '## Scaling',
      'Time per step of 256-128-10, Adam, batch 64, 6,400 rows, where one number changes.',
      scales
        .map(({ what }) => {
          const group = results.scaling.filter((entry) => entry.what === what)
          const names = group[0]?.rows.map(({ peer }) => peer) ?? []
          return table(
            [what, ...names.map(title)],
            group.map(({ value, rows }) => [
              String(value),
              ...rows.map(({ median }) => (median === undefined ? '-' : time(median))),
            ]),
          )
        })
        .join('\n\n'),
      results.scaling.length,
    ),
    ...section(
      '## Whole process, from a cold start',
      'The 2-2-1 net of configs/lab-xor.yaml for 2,000 epochs.',
      table(
        ['', 'seconds', 'of bare node', 'peak MB'],
        results.cold.map(({ title: name, seconds, memory, error }) => [
          name,
          seconds?.toFixed(3) ?? error ?? '-',
          ratio(seconds, results.cold[0]?.seconds),
          memory?.toFixed(0) ?? '-',
        ]),
      ),
      results.cold.length,
    ),
    ...section(
      `## Time to ${100 * WANTED} % of Fashion-MNIST's test rows`,
      '784-128-10, Adam, batch 64, whole processes that read the IDX files themselves.',
      table(
        ['', 'seconds', 'epochs', 'test accuracy', 'peak MB'],
        results.fashion.map(({ title: name, seconds, epochs, accuracy, memory, error }) => [
          name,
          seconds?.toFixed(2) ?? error ?? '-',
          epochs?.toString() ?? '-',
          accuracy?.toFixed(4) ?? '-',
          memory?.toFixed(0) ?? '-',
        ]),
      ),
      results.fashion.length,
    ),
  ]
  return `${sections.join('\n\n')}\n`
}

function section(heading: string, text: string, body: string, rows: number): string[] {
  return rows === 0 ? [] : [heading, text, body]
}

function stepTable(rows: readonly Row[], title: (name: string) => string): string {
  const own = rows.find(({ peer }) => peer === 'nnlab')?.median
  return table(
    ['peer', 'median', 'range', 'of nnlab', 'setting'],
    rows.map(({ peer, median, lowest, highest, setting, error }) => [
      title(peer),
      median === undefined ? '-' : time(median),
      lowest === undefined || highest === undefined ? '-' : `${time(lowest)} to ${time(highest)}`,
      ratio(median, own),
      error ?? setting,
    ]),
  )
}

/** The row of the peer that takes the least time for a step, of those that nnlab is compared with. */
export function fastestRival(
  rows: readonly Row[],
  network: Network,
  peers: readonly Peer[],
): Row | undefined {
  const rivals = new Set(peers.flatMap(({ role, name }) => (role === 'rival' ? [name] : [])))
  return rows
    .filter((row) => row.network === network.name && rivals.has(row.peer) && row.median !== undefined)
    .sort((a, b) => (a.median ?? 0) - (b.median ?? 0))[0]
}

function ratio(a: number | undefined, b: number | undefined): string {
  return a === undefined || b === undefined ? '-' : `${Number((a / b).toPrecision(3))}x`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
