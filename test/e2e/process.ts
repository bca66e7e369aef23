import { spawn } from 'node:child_process'
import type { SpawnOptions } from 'node:child_process'
import { existsSync } from 'node:fs'
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

/** Waits until a run has its record, and trains. */
export async function untilBegun({ child, heard }: ReturnType<typeof start>, run: string): Promise<void> {
  while (!existsSync(join(run, 'run.json'))) {
    if (child.exitCode !== null) throw new Error(`it ended before it began: ${heard.stderr}`)
    await sleep(10)
  }
  await sleep(200)
}
