// Makes the Python environment of the peers, bench/.peers: npm run peers [-- --check]
// --check only says which peers of `npm run bench` and `npm run parity` are here. NNLAB_PEERS may name another environment.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const packages = ['numpy', 'keras==3.15.1', 'tensorflow-cpu==2.21.0', 'jax', 'torch', 'onnxruntime']
const own = join('bench', '.peers')
const folder = process.env.NNLAB_PEERS ?? own
const python = join(folder, 'bin', 'python')

if (!process.argv.includes('--check') && folder === own) {
  if (!existsSync(python)) run('python3', ['-m', 'venv', folder])
  // One by one: a package that cannot be had does not stop the others.
  for (const name of packages) install(name)
}
report()

function install(name) {
  console.error(`installing ${name}`)
  const options = ['--quiet', '--retries', '0', '--disable-pip-version-check', '--no-input']
  run(python, ['-m', 'pip', 'install', ...options, name])
}

/** Whether the command succeeded; what it says on stderr is shown at the end. */
function run(command, args) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return true
  console.error(`  ${command} ${args.join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`)
  return false
}

function report() {
  console.log(`Peers in ${folder}:`)
  for (const entry of packages) {
    const [name = ''] = entry.split('==')
    const code = 'import importlib.metadata as m, sys; print(m.version(sys.argv[1]))'
    const { status, stdout } = spawnSync(python, ['-c', code, name], { encoding: 'utf8' })
    console.log(`  ${name.padEnd(16)}${status === 0 ? stdout.trim() : 'not installed'}`)
  }
  const addon = ['node_modules', '@tensorflow', 'tfjs-node', 'lib', 'napi-v8', 'tfjs_binding.node']
  const built = process.env.NNLAB_TFJS_NODE ?? '.tfjs-node'
  const found = existsSync(join(built, ...addon))
  console.log(
    `  ${'tfjs-node'.padEnd(16)}${found ? `built in ${built}` : 'not built (node scripts/build-tfjs-node.js)'}`,
  )
  const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  )
  console.log(`  ${'browser'.padEnd(16)}${chromium ?? 'no chromium'}`)
}
