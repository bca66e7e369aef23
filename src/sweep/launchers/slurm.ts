import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { errorCode, RunError, UsageError } from '../../errors.ts'
import type { RunEnvironment } from '../../experiment/environment.ts'
import { makeFolder, writeFileAtomic } from '../../run/atomic.ts'
import type { FileSystem } from '../../run/files.ts'
import { counted } from '../../wording.ts'

const run = promisify(execFile)

/** Slurm as a command is told to use it. */
export type SlurmChoice = {
  /** Options of sbatch, such as `partition=gpu` or `time=60`. */
  readonly options: readonly string[]
  /** The program that runs nnlab, with its first arguments. */
  readonly program: readonly string[]
}

export type SlurmOptions = SlurmChoice & {
  /** The absolute path of the folder of the trials, which all nodes see. */
  readonly folder: string
  readonly name: string
  /** Number of tasks, each a worker. */
  readonly tasks: number
  /** The arguments of a worker. */
  readonly worker: readonly string[]
}

/** Number of tasks where none is given. */
export const SLURM_TASKS = 16

/** Time before the limit at which a task writes its checkpoints and goes back to the queue, in seconds. */
const WARNING_S = 90

/**
 * Has an array of tasks work in a folder, and follows it. Where that is interrupted, the tasks go on. `follow` resolves to
 * true where all trials are done; `resume` is the command that goes on.
 */
export async function workOnSlurm(
  slurm: SlurmOptions,
  follow: (isWorked: () => Promise<boolean>) => Promise<boolean>,
  { signal, resume }: { readonly signal: AbortSignal; readonly resume: string },
  { files, onNote }: Pick<RunEnvironment, 'files' | 'onNote'>,
): Promise<void> {
  const job = await submitToSlurm(slurm, files)
  const logs = join(slurm.folder, 'slurm')
  onNote(`job ${job} of Slurm has ${counted(slurm.tasks, 'task')}; its logs are in ${logs}`)
  const isComplete = await follow(() => isInSlurm(job))
  if (signal.aborted) onNote(`job ${job} is still running: \`scancel ${job}\` ends it`)
  else if (!isComplete) {
    throw new RunError(`all tasks of job ${job} have ended before all trials are complete`, {
      hint: `see the logs in ${logs}, and resume with: ${resume} ${slurm.folder} --on slurm`,
    })
  }
}

/** Writes the script of an array of workers and submits it; resolves to the number of the job. */
async function submitToSlurm(slurm: SlurmOptions, files: FileSystem): Promise<string> {
  const script = join(slurm.folder, 'slurm', 'array.sh')
  await makeFolder(join(slurm.folder, 'slurm'), files)
  await writeFileAtomic(script, slurmScript(slurm), files)
  const { stdout } = await slurmProgram('sbatch', ['--parsable', ...logOption(slurm), script])
  return stdout.trim().split(';')[0] ?? ''
}

/** The option for the logs, unless one is given. It is no line of the script, where a path may hold a line break. */
export function logOption({ folder, options }: Pick<SlurmOptions, 'folder' | 'options'>): string[] {
  const isGiven = options.some((option) => option.startsWith('output='))
  return isGiven ? [] : [`--output=${folder.replaceAll('%', '%%')}/slurm/%a.log`]
}

/** A batch script, of options that sbatch takes: before the time limit Slurm signals the shell, which stops the worker and requeues the task. */
export function slurmScript({ name, tasks, options, program, worker }: Omit<SlurmOptions, 'folder'>): string {
  const settings = [
    `job-name=nnlab-${name}`,
    `array=0-${tasks - 1}`,
    'open-mode=append',
    'requeue',
    `signal=B:USR1@${WARNING_S}`,
    ...options,
  ]
  return `#!/bin/bash
${settings.map((setting) => `#SBATCH --${setting}`).join('\n')}
requeue() {
  kill -TERM "$worker"
  wait "$worker"
  scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
  exit 0
}
trap requeue USR1
trap 'kill -TERM "$worker"' TERM
${[...program, ...worker].map(quoted).join(' ')} &
worker=$!
wait "$worker"
code=$?
# A signal ends the wait, not the worker.
while kill -0 "$worker" 2>/dev/null; do wait "$worker"; code=$?; done
exit $code
`
}

/** Throws where there is no Slurm, where sbatch would not take the options, or where they end a task before it has done anything. */
export async function requireSlurm({ options }: Pick<SlurmChoice, 'options'>): Promise<void> {
  const wrong = options.find((option) => !/^[a-z][\w-]*(=[^\n]*)?$/.test(option))
  if (wrong !== undefined) {
    throw new UsageError(`${wrong} is not an option of sbatch`, {
      option: 'slurm',
      hint: 'write names and values, as in partition=debug,time=60,mem=4G',
    })
  }
  requireTime(options)
  await slurmProgram('sbatch', ['--version'])
}

/** Refuses a limit in minutes that ends a task before it has done anything: it would be requeued for ever. */
function requireTime(options: readonly string[]): void {
  const [, minutes = Infinity] = options.map((option) => /^time=(\d+)$/.exec(option)).find(Boolean) ?? []
  const isOwn = options.some((option) => option.startsWith('signal='))
  if (isOwn || 60 * Number(minutes) >= 2 * WARNING_S) return
  throw new UsageError(`time=${minutes} is too short: a task is stopped ${WARNING_S} s before`, {
    option: 'slurm',
    hint: `write time=${(2 * WARNING_S) / 60} or more, or another warning, as in signal=B:USR1@20`,
  })
}

/** A word that a shell takes as it is. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** True while tasks of a job wait or run. */
async function isInSlurm(job: string): Promise<boolean> {
  const { stdout } = await slurmProgram('squeue', ['--noheader', '--jobs', job, '--format', '%i']).catch(
    (error: unknown) => {
      // Slurm forgets jobs some minutes after their end.
      if (error instanceof RunError && error.message.includes('Invalid job id')) return { stdout: '' }
      throw error
    },
  )
  return stdout.trim() !== ''
}

async function slurmProgram(program: string, args: readonly string[]): Promise<{ stdout: string }> {
  try {
    return await run(program, args)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new RunError(`there is no ${program} on this machine`, {
        hint: 'run it where Slurm is, such as a login node; elsewhere, run `nnlab sweep worker DIR` on each machine',
        cause: error,
      })
    }
    const message = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
    throw new RunError(`${program}: ${message.split(/\s*\n\s*/).join('; ')}`, { cause: error })
  }
}
