import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

import { onTestFinished } from 'vitest'

const run = promisify(execFile)

/** Reason for which no Slurm can be started here; undefined where it can. */
export function lack(): string | undefined {
  if (process.env['NNLAB_SLURM'] !== '1') return 'NNLAB_SLURM=1 runs it, in some minutes'
  if (process.getuid?.() !== 0) return 'it needs root'
  const missing = ['munged', 'slurmctld', 'slurmd'].filter((name) => !existsSync(`/usr/sbin/${name}`))
  return missing.length > 0 ? `it needs ${missing.join(', ')} (apt-get install slurm-wlm)` : undefined
}

/** A Slurm of one node, which runs some tasks at once. */
export type Cluster = {
  /** The environment in which its programs find it. */
  readonly env: NodeJS.ProcessEnv
  /** Runs a program of Slurm; resolves to the lines that it prints. */
  readonly call: (program: string, ...args: string[]) => Promise<string[]>
}

/** Starts a Slurm without systemd, for the time of a test. Its tasks are processes of this machine. */
export async function startCluster(cpus: number): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-slurm-'))
  for (const name of ['state', 'spool', 'log', 'munge']) await mkdir(join(folder, name), { mode: 0o755 })
  const host = hostname().split('.')[0] ?? ''
  const socket = join(folder, 'munge', 'socket')
  const config = join(folder, 'slurm.conf')
  await writeFile(config, configOf(folder, host, socket, cpus))
  const env = { ...process.env, SLURM_CONF: config }
  const started: ChildProcess[] = []
  const start = (program: string, args: readonly string[], user?: number): void =>
    void started.push(
      spawn(program, args, { env, stdio: 'ignore', ...(user !== undefined && { uid: user }) }),
    )
  const call: Cluster['call'] = async (program, ...args) => {
    const { stdout } = await run(program, args, { env })
    return stdout.split('\n').filter((line) => line !== '')
  }
  const stop = async (): Promise<void> => {
    await call('scancel', '--user', 'root', '--full').catch(() => [])
    // A task that cannot report its end, to a controller and a key service that are there, waits for ever, and slurmd for it.
    await until(async () => (await call('squeue', '--noheader')).length === 0, 40).catch(() => undefined)
    for (const child of started.toReversed()) {
      child.kill('SIGTERM')
      await ended(child)
    }
    await rm(folder, { recursive: true, force: true })
  }
  // On a busy machine Slurm takes its time.
  onTestFinished(stop, 60_000)
  const user = Number((await run('id', ['-u', 'munge'])).stdout)
  for (const name of ['.', 'munge']) await chown(join(folder, name), user, user)
  const files = ['pid', 'log', 'seed'].map((name) => `--${name}-file=${join(folder, 'munge', name)}`)
  start('munged', ['--foreground', '--force', `--socket=${socket}`, ...files], user)
  await until(() => Promise.resolve(existsSync(socket)))
  start('slurmctld', ['-D', '-i', '-f', config])
  start('slurmd', ['-D', '-f', config, '-N', host])
  await until(async () => (await call('sinfo', '--noheader', '--format', '%t')).includes('idle'))
  return { env, call }
}

function configOf(folder: string, host: string, socket: string, cpus: number): string {
  // Each cluster has two ports, and those of other processes have other numbers.
  const port = 20_000 + 2 * (process.pid % 10_000)
  return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${socket},cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=5
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
KillWait=5
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldLogFile=${folder}/log/slurmctld
SlurmdLogFile=${folder}/log/slurmd
SlurmctldPort=${port}
SlurmdPort=${port + 1}
SlurmdParameters=config_overrides
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${cpus} RealMemory=4000 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`
}

/** Asks again and again until something is true; what fails is not true yet. */
export async function until(isSo: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (const end = Date.now() + 1000 * seconds; ;) {
    if (await isSo().catch(() => false)) return
    if (Date.now() > end) throw new Error(`it did not become so in ${seconds} s: ${String(isSo)}`)
    await sleep(200)
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('close', () => resolve())
  })
}
