// A process to be killed: nnlab on slow files. The pause of each step, in ms, is drawn below the first argument.
import { main } from '../../../src/cli/main.ts'
import { slowFiles } from './slow-files.ts'

const [longest, ...argv] = process.argv.slice(2)
process.exitCode = await main(argv, {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  cwd: process.cwd(),
  env: process.env,
  onSignal: () => () => undefined,
  files: slowFiles(() => Math.random() * Number(longest)),
})
