/** The process that works on runs, as Node's own `process` describes it. */
export type HostProcess = {
  readonly pid: number
  /** The version of Node. */
  readonly version: string
  /** With the signal 0, throws where there is no process of that number. */
  kill(pid: number, signal: 0): unknown
}
