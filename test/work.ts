import { Session } from 'node:inspector'

/**
 * The work of a function: how often V8 enters the functions and blocks of JavaScript in it. It depends on no machine and
 * on nothing else that runs; what built-in functions do is not in it.
 */
export function workOf(run: () => void): number {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  run()
  let work = 0
  // In the thread itself, a message is answered before `post` returns.
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error) throw error
    for (const { functions } of result)
      for (const { ranges } of functions) for (const { count } of ranges) work += count
  })
  session.disconnect()
  return work
}
