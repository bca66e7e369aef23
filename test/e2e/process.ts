import { spawn } from 'node:child_process'
import type { SpawnOptions } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const binary = resolve('bin/nnlab.js')

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** Starts nnlab as a process of its own. */
export function start(argv: readonly string[], options: SpawnOptions) {
  const child = spawn(process.execPath, [binary, ...argv], options)
  const heard = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => (heard.stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (heard.stderr += chunk.toString()))
  const ended = new Promise<Ended>((done, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => done({ code, signal }))
  })
  return { child, heard, ended }
}

/** The epochs in the history of a run. */
export function epochsIn(run: string): number {
  const history = join(run, 'history.csv')
  return existsSync(history) ? readFileSync(history, 'utf8').trimEnd().split('\n').length - 1 : 0
}

/** Waits until a run has trained more epochs than so many. */
export async function untilTrained(
  { child, heard }: ReturnType<typeof start>,
  run: string,
  epochs = 0,
): Promise<void> {
  while (epochsIn(run) <= epochs) {
    if (child.exitCode !== null) throw new Error(`it ended before it trained: ${heard.stderr}`)
    await sleep(10)
  }
}
