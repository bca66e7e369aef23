// nnlab and its peers side by side, see bench/README.md: npm run bench -- [--quick] [--networks xor,lab] [--peers nnlab,torch]
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'

import { chart } from './chart.ts'
import { timesToAccuracy } from './fashion.ts'
import { entryOf, recordHistory } from './history.ts'
import { networksIn } from './networks.ts'
import { findPython } from './peers/available.ts'
import { allPeers, peerVersions } from './peers/list.ts'
import { randomNetworks } from './random-networks.ts'
import { markdown } from './report.ts'
import type { Results } from './report.ts'
import { ask, measure } from './rounds.ts'
import type { Row, Seat } from './rounds.ts'
import { scalePeers, scales } from './scaling.ts'
import { coldStarts } from './whole-process.ts'

const QUICK_NETWORKS = ['xor', 'lab', 'mlp', 'conv']

const { values: options, positionals } = parseArgs({
  // The number of random networks.
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    networks: { type: 'string' },
    /** Networks of anybody's, in the form of networks.json. */
    'networks-file': { type: 'string' },
    /** Random networks: the seed, then their number. */
    random: { type: 'string' },
    peers: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    threads: { type: 'string' },
    /** Where results.json, RESULTS.md and chart.svg go. */
    out: { type: 'string', default: 'bench' },
  },
})
const cores = availableParallelism()
const threads = Number(options.threads ?? cores)
const rounds = Number(options.rounds ?? (options.quick ? 3 : 5))
const seconds = Number(options.seconds ?? (options.quick ? 0.15 : 0.4))
const everything =
  options.random === undefined
    ? networksIn(options['networks-file'] ?? 'bench/networks.json')
    : randomNetworks(Number(options.random), Number(positionals[0] ?? 20))
const isOwn = options.random === undefined && options['networks-file'] === undefined
const networks = chosen(
  everything,
  options.networks ?? (options.quick && isOwn ? QUICK_NETWORKS.join(',') : undefined),
)
const peers = chosen(allPeers(threads, threads < cores), options.peers)
const whole = isOwn && !options.quick && options.networks === undefined

mkdirSync(options.out, { recursive: true })
const started = performance.now()
const log = (line: string): void =>
  console.error(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}`)
const seats: Seat[] = peers.map((peer) => ({ peer, process: undefined }))

const nothing: Results = {
  machine: {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model ?? 'unknown',
    cores,
    threads: `${threads} for every peer but the one named`,
    'memory, GB': Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
  },
  versions: { node: process.version, tfjs: '4.22.0', ...Object.fromEntries(peerVersions()) },
  rounds,
  seconds,
  steps: [],
  scaling: [],
  memory: [],
  cold: [],
  fashion: [],
}
const steps: Row[] = []
for (const network of networks) {
  steps.push(...(await measure(seats, [network], { rounds, seconds }, log)))
  write({ ...nothing, steps })
}
if (whole) {
  recordHistory(options.out, entryOf({ ...nothing, steps }, networks, peers, threads))
  const python = findPython()
  const scaled = { ...nothing, steps, cold: await coldStarts(python, rounds), scaling: await scaling() }
  write(scaled)
  write({ ...scaled, memory: await memory(), fashion: await timesToAccuracy(python) })
}
for (const seat of seats) seat.process?.stop()

/** What is known so far: a run that is ended early has the rows that it came to. */
function write(results: Results): void {
  writeFileSync(`${options.out}/results.json`, `${JSON.stringify(results, null, 1)}\n`)
  writeFileSync(`${options.out}/RESULTS.md`, markdown(results, networks, peers, scales))
  writeFileSync(`${options.out}/chart.svg`, chart(networks, peers, results.steps))
  log(`wrote ${options.out}/RESULTS.md, results.json and chart.svg`)
}

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  names: string | undefined,
): readonly T[] {
  if (names === undefined) return all
  return names.split(',').map((name) => {
    const found = all.find((entry) => entry.name === name)
    if (found === undefined)
      throw new Error(`no ${name}; there are ${all.map((entry) => entry.name).join(', ')}`)
    return found
  })
}

async function scaling(): Promise<Results['scaling']> {
  const some = seats.filter(({ peer }) => scalePeers.includes(peer.name))
  const found = []
  for (const { what, values, network } of scales) {
    for (const value of values) {
      found.push({
        what,
        value,
        rows: await measure(some, [network(value)], { rounds: 3, seconds: 0.15 }, log),
      })
    }
  }
  return found
}

/** Of a fresh process, as one that has trained other nets remembers them. */
async function memory(): Promise<Results['memory']> {
  const network = everything.find(({ name }) => name === 'conv')
  if (network === undefined) return []
  const found = []
  for (const { peer } of seats) {
    const seat: Seat = { peer, process: undefined }
    const answer = await ask(seat, network, 0.1)
    seat.process?.stop()
    found.push({ peer: peer.name, ...('memory' in answer ? { megabytes: answer.memory / 1e6 } : answer) })
    log(`memory     ${peer.name}`)
  }
  return found
}
