import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { median } from './rounds.ts'

/** A command run to its end: seconds, and the most memory it held, in MB, where the system tells. */
export type Finished = {
  readonly seconds: number
  readonly memory: number | undefined
  readonly output: string
}

export async function runToEnd(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const started = performance.now()
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, complaint, memory] = ['', '', 0]
  child.stdout.on('data', (text: Buffer) => void (output += text.toString()))
  child.stderr.on('data', (text: Buffer) => void (complaint = (complaint + text.toString()).slice(-500)))
  const watch = setInterval(() => (memory = Math.max(memory, peakMemory(child.pid))), 20)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).finally(() => clearInterval(watch))
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${complaint.trim().split('\n').at(-1)}`)
  return { seconds: (performance.now() - started) / 1000, memory: memory || undefined, output }
}

/** In MB; 0 where the system has no /proc or the process is gone. */
function peakMemory(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000
  } catch {
    return 0
  }
}

/** Calls back with a folder that is gone afterwards. */
export async function inFolder<T>(call: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'nnlab-bench-'))
  try {
    return await call(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** One way to train from a cold start: the median of several runs. */
export type ColdRow = {
  readonly title: string
  readonly seconds?: number
  readonly memory?: number | undefined
  readonly error?: string
}

/** The 2-2-1 net of the lab sheet for 2,000 epochs, as a whole process, beside a Node that does nothing. */
export async function coldStarts(python: string | undefined, rounds: number): Promise<ColdRow[]> {
  const contenders: [string, (folder: string) => [string, string[], Record<string, string>?]][] = [
    ['bare node -e 0', () => [process.execPath, ['-e', '0']]],
    [
      'nnlab train, 2-2-1, 2,000 epochs',
      (folder) => [
        process.execPath,
        ['bin/nnlab.js', 'train', 'configs/lab-xor.yaml', '--run-dir', join(folder, 'run'), '--quiet'],
      ],
    ],
  ]
  if (python !== undefined) {
    for (const [backend, title, epochs] of [
      // An epoch takes it 50 ms: 2,000 would take as long as the rest of the benchmark.
      ['tensorflow', 'TensorFlow', '200'],
      ['jax', 'JAX', '2000'],
      ['torch', 'PyTorch', '2000'],
    ] as const) {
      contenders.push([
        `Keras on ${title}, ${Number(epochs).toLocaleString('en')} epochs`,
        () => [python, ['bench/peers/keras_xor.py', epochs], { KERAS_BACKEND: backend }],
      ])
    }
  }
  const rows: ColdRow[] = []
  for (const [title, commandIn] of contenders) {
    try {
      const times: Finished[] = []
      // A Keras run takes seconds: one tells enough.
      for (let i = 0; i < (title.startsWith('Keras') ? 1 : rounds); i++) {
        times.push(await inFolder((folder) => runToEnd(...commandIn(folder))))
      }
      const seconds = median(times.map((time) => time.seconds).sort((a, b) => a - b)) ?? NaN
      rows.push({ title, seconds, memory: times[0]?.memory })
    } catch (error) {
      rows.push({ title, error: error instanceof Error ? error.message : String(error) })
    }
  }
  return rows
}
