// A process to be killed: nnlab, by its loader, on slow files. The pause of each step, in ms, is drawn below the second argument.
import { createRequire } from 'node:module'

import type { main } from '../../../src/cli/main.ts'
import { slowFiles } from './slow-files.ts'

const [loader = '', longest, ...argv] = process.argv.slice(2)
const { load }: { load(): { exports: { main: typeof main } } } = createRequire(import.meta.url)(loader)
process.exitCode = await load().exports.main(argv, {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  cwd: process.cwd(),
  env: process.env,
  onSignal: () => () => undefined,
  files: slowFiles(() => Math.random() * Number(longest)),
})
