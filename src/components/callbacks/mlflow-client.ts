// MLflow's REST API, version 2.0: https://mlflow.org/docs/latest/rest-api.html

import { text } from 'node:stream/consumers'

import * as z from 'zod'

import { valueOfJson } from '../../json.ts'
import { request } from '../../table/files/request.ts'
import type { Proxies } from '../../table/files/request.ts'

/** Credentials as MLflow's own client takes them from the environment. */
export type MlflowCredentials = {
  /** MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, which come before the token. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** MLFLOW_TRACKING_TOKEN. */
  readonly token?: string | undefined
}

export type MlflowServer = {
  readonly uri: string
  readonly credentials: MlflowCredentials
  readonly proxies?: Proxies | undefined
}

export type MlflowMetric = {
  readonly key: string
  /** NaN and infinite numbers are strings, as in Protocol Buffers' JSON. */
  readonly value: number | string
  readonly timestamp: number
  readonly step: number
}
export type MlflowEntry = { readonly key: string; readonly value: string }

/** The run, and the parameters that it has by now. */
export type MlflowRun = { readonly id: string; readonly params: ReadonlyMap<string, string> }

/** Longest wait for an answer, in milliseconds. */
const PATIENCE = 5000
/** Entries of one request at most. */
const [MOST_METRICS, MOST_ENTRIES] = [1000, 100]

const Failure = z.object({ error_code: z.string(), message: z.string().default('') })
const Run = z.object({
  info: z.object({ run_id: z.string() }),
  data: z
    .object({ params: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]) })
    .default({ params: [] }),
})

/** An answer that is no success; `code` is MLflow's. */
class MlflowError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}${message === '' ? '' : `: ${message}`}`)
    this.code = code
  }
}

/** The id of an experiment, which is created where there is none of the name. */
export async function experimentId(server: MlflowServer, name: string): Promise<string> {
  const find = async (): Promise<string> => {
    const query = new URLSearchParams({ experiment_name: name })
    const answer = z.object({ experiment: z.object({ experiment_id: z.string() }) })
    return answer.parse(await ask(server, `experiments/get-by-name?${query.toString()}`)).experiment
      .experiment_id
  }
  try {
    return await find()
  } catch (error) {
    if (!isCode(error, 'RESOURCE_DOES_NOT_EXIST')) throw error
  }
  try {
    return z.object({ experiment_id: z.string() }).parse(await ask(server, 'experiments/create', { name }))
      .experiment_id
  } catch (error) {
    // Another run may have created it meanwhile.
    if (!isCode(error, 'RESOURCE_ALREADY_EXISTS')) throw error
    return find()
  }
}

/** The run of an experiment with a tag. */
export async function findRun(
  server: MlflowServer,
  experiment: string,
  tag: MlflowEntry,
): Promise<MlflowRun | undefined> {
  const answer = z.object({ runs: z.array(Run).default([]) }).parse(
    await ask(server, 'runs/search', {
      experiment_ids: [experiment],
      filter: `tags.\`${tag.key}\` = '${tag.value}'`,
      max_results: 1,
    }),
  )
  return answer.runs.map(runOf)[0]
}

export async function createRun(
  server: MlflowServer,
  run: { readonly experiment: string; readonly name: string; readonly tags: readonly MlflowEntry[] },
): Promise<MlflowRun> {
  const { experiment, name, tags } = run
  const body = { experiment_id: experiment, run_name: name, start_time: Date.now(), tags }
  return runOf(z.object({ run: Run }).parse(await ask(server, 'runs/create', body)).run)
}

export async function updateRun(
  server: MlflowServer,
  id: string,
  status: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED',
): Promise<void> {
  const ended = status === 'RUNNING' ? {} : { end_time: Date.now() }
  await ask(server, 'runs/update', { run_id: id, status, ...ended })
}

export async function logEntries(
  server: MlflowServer,
  id: string,
  kind: 'params' | 'tags',
  entries: readonly MlflowEntry[],
): Promise<void> {
  for (let i = 0; i < entries.length; i += MOST_ENTRIES)
    await ask(server, 'runs/log-batch', { run_id: id, [kind]: entries.slice(i, i + MOST_ENTRIES) })
}

/** Sends what waits by now, not what comes meanwhile; takes what was sent from the queue, also where a later part fails. */
export async function logMetrics(server: MlflowServer, id: string, queue: MlflowMetric[]): Promise<void> {
  for (let waiting = queue.length; waiting > 0;) {
    const metrics = queue.slice(0, Math.min(waiting, MOST_METRICS))
    await ask(server, 'runs/log-batch', { run_id: id, metrics })
    queue.splice(0, metrics.length)
    waiting -= metrics.length
  }
}

function runOf({ info, data }: z.output<typeof Run>): MlflowRun {
  return { id: info.run_id, params: new Map(data.params.map(({ key, value }) => [key, value])) }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof MlflowError && error.code === code
}

async function ask(
  { uri, credentials, proxies }: MlflowServer,
  path: string,
  body?: object,
): Promise<unknown> {
  const answer = await request(`${uri.replace(/\/+$/, '')}/api/2.0/mlflow/${path}`, {
    headers: { 'content-type': 'application/json', ...authorization(credentials) },
    signal: AbortSignal.timeout(PATIENCE),
    proxies,
    ...(body && { body: JSON.stringify(body) }),
  })
  const written = await text(answer)
  const value = valueOfJson(written)
  if (answer.statusCode !== 200) {
    const failure = Failure.safeParse(value).data
    throw new MlflowError(failure?.error_code ?? `HTTP ${answer.statusCode}`, failure?.message ?? '')
  }
  return value
}

function authorization({ username, password, token }: MlflowCredentials): Record<string, string> {
  if (username && password)
    return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  return token ? { authorization: `Bearer ${token}` } : {}
}
