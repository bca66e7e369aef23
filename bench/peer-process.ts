import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

const running = new Set<ChildProcess>()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/**
 * A process that answers each line of JSON on its stdin with one on its stdout. Between questions it is stopped: what
 * spins while it waits for work would take the processor from the peer whose turn it is.
 */
export type PeerProcess = { ask(question: unknown): Promise<unknown>; stop(): void }

export function startPeer(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): PeerProcess {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaint = ''
  const waiting: { resolve(answer: unknown): void; reject(error: Error): void }[] = []
  child.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-2000)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (waiting.length === 1) child.kill('SIGSTOP')
    waiting.shift()?.resolve(JSON.parse(line))
  })
  running.add(child)
  const end = (reason: string): void => {
    for (const { reject } of waiting.splice(0)) reject(new Error(reason))
  }
  child.on('error', (error) => end(error.message))
  child.on('close', () => running.delete(child))
  child.on('close', (code, signal) => end(`the process ended with ${code ?? signal}: ${lastLine(complaint)}`))
  child.stdin.on('error', () => undefined)
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (child.exitCode !== null || child.signalCode !== null) {
          return reject(new Error(`the process has ended: ${lastLine(complaint)}`))
        }
        waiting.push({ resolve, reject })
        child.kill('SIGCONT')
        child.stdin.write(`${JSON.stringify(question)}\n`)
      }),
    stop: () => void child.kill('SIGKILL'),
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
