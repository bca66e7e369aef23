import { totalmem } from 'node:os'

import type { CheckOptions } from '../core/check-export.ts'
import type { RunEnvironmentOptions } from '../core/environment.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { addressLimit } from '../engine/address-limit.ts'
import type { NativeVectors } from '../engine/compiled/native.ts'
import { UsageError } from '../errors.ts'
import type { UsedModel } from '../experiment/environment.ts'
import { renderDiagnostics } from '../report/text/diagnostics.ts'
import type { DiagnosticsStyle } from '../report/text/diagnostics.ts'
import { renderNote } from '../report/text/message.ts'
import { lines } from '../report/text/terminal-text.ts'
import type { TerminalText } from '../report/text/terminal-text.ts'
import { runName } from '../run/run-name.ts'
import { list } from '../wording.ts'
import type { Io } from './io.ts'

type Speech = {
  /** Writes no notes and no warnings. */
  readonly quiet?: boolean
  /** Writes to stderr, above the progress bars. */
  readonly say?: (text: TerminalText) => void
}

/** Options of the core for a command: the process and its environment; what the core reports goes to stderr. */
export function environmentFor(
  io: Io,
  { quiet = false, say = (text) => io.stderr.write(text) }: Speech = {},
) {
  const { cwd, env, stdin, files, dataDir } = io
  const note = (text: string): void => say(renderNote(text))
  let columns: readonly string[] = []
  const warnings: Diagnostic[] = []
  const models: UsedModel[] = []
  return {
    cwd,
    dataFolder: dataDir,
    defaultDataFolder: env['NNLAB_DATA_DIR'] || undefined,
    cacheFolder: env['XDG_CACHE_HOME'] || (process.platform === 'win32' ? env['LOCALAPPDATA'] : undefined),
    tfjsNodeFolder: env['NNLAB_TFJS_NODE'],
    python: env['NNLAB_PYTHON'] || undefined,
    native: nativeOf(env),
    stdin: stdin.isTTY && !quiet ? announced(stdin, () => note(waitingFor(columns))) : stdin,
    memory: processMemory(),
    files,
    process,
    onNote: (text) => void (quiet || note(text)),
    onWarnings(found, sources) {
      warnings.push(...found)
      if (!quiet) say(renderDiagnostics(found, sources, diagnosticsStyle(io)))
    },
    /** All warnings so far. */
    warnings,
    /** The models that were used so far. */
    models,
    onModel(model) {
      models.push(model)
      columns = model.columns
      if (!quiet) say(lines([`model of ${runName(model.folder, cwd)}`]))
    },
    onDiskFull: note,
    proxies: {
      http: env['http_proxy'] ?? env['HTTP_PROXY'] ?? env['ALL_PROXY'],
      https: env['https_proxy'] ?? env['HTTPS_PROXY'] ?? env['ALL_PROXY'],
      none: env['no_proxy'] ?? env['NO_PROXY'],
    },
    mlflow: {
      username: env['MLFLOW_TRACKING_USERNAME'],
      password: env['MLFLOW_TRACKING_PASSWORD'],
      token: env['MLFLOW_TRACKING_TOKEN'],
    },
    onFetch: fetching(io),
  } satisfies RunEnvironmentOptions &
    Pick<CheckOptions, 'python'> & { warnings: readonly Diagnostic[]; models: readonly UsedModel[] }
}

/** Bytes of memory that this process may have: what the machine has, or less where a container or a limit says so. */
function processMemory(): number {
  const container = process.constrainedMemory()
  return Math.min(totalmem(), container > 0 ? container : Infinity, addressLimit())
}

/** The same bytes; says that they are waited for when somebody asks for them. */
async function* announced(bytes: AsyncIterable<Uint8Array>, say: () => void): AsyncGenerator<Uint8Array> {
  say()
  yield* bytes
}

function waitingFor(columns: readonly string[]): string {
  const which = columns.length === 0 ? '' : `, with the columns ${list(columns)}`
  return `rows are read from the terminal${which}; Ctrl-D ends them`
}

/** Style of diagnostics on stderr. */
export function diagnosticsStyle({ stderr, cwd }: Io): DiagnosticsStyle {
  return { width: stderr.width, cwd }
}

/** The choice of machine code: `NNLAB_NATIVE=0` leaves everything to WebAssembly. */
export function nativeOf({ NNLAB_NATIVE: value = '' }: NodeJS.ProcessEnv): NativeVectors {
  if (value === '' || value === '1') return 'auto'
  if (value === '0') return 'none'
  if (value === 'avx2' || value === 'avx512') return value
  throw new UsageError(`the environment variable NNLAB_NATIVE is "${value}"`, {
    hint: 'set it to 0, avx2 or avx512, or unset it',
  })
}

/** Shows downloads; the code that draws them is loaded on demand. */
function fetching({ stderr }: Io): NonNullable<RunEnvironmentOptions['onFetch']> {
  let show: RunEnvironmentOptions['onFetch']
  return async (event) => {
    show ??= (await import('../report/text/fetch-progress.ts')).fetchProgress(stderr)
    await show(event)
  }
}
