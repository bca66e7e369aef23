// Builds @tensorflow/tfjs-node against the libtensorflow of a Python environment, for machines where its own download
// is out of reach: node scripts/build-tfjs-node.js [FOLDER of the Python package tensorflow]
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const version = '4.22.0'
const target = resolve(import.meta.dirname, '..', '.tfjs-node')
const tfjsNode = join(target, 'node_modules', '@tensorflow', 'tfjs-node')
const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']

const tensorflow = process.argv[2] === undefined ? findTensorflow() : resolve(process.argv[2])
for (const needed of [...libraries, 'include']) {
  if (!existsSync(join(tensorflow, needed))) {
    fail(
      `${tensorflow} holds no ${needed}`,
      'name the folder of the Python package tensorflow (tensorflow-cpu for Linux)',
    )
  }
}
const headers = join(dirname(dirname(process.execPath)), 'include', 'node')
const nodeHeaders = [headers, '/usr/include/node', '/usr/local/include/node'].find((folder) =>
  existsSync(join(folder, 'node_api.h')),
)
if (nodeHeaders === undefined) {
  fail(
    `the headers of Node are not in ${headers}`,
    'use a Node that was installed with them, as the ones of nodejs.org are',
  )
}
if (spawnSync('g++', ['--version']).status !== 0)
  fail('g++ does not run', 'install a C++ compiler, as in `apt install g++`')

installPackage()
compile()
console.log(`Built ${tfjsNode}. To use it:\n\n  export NNLAB_TFJS_NODE=${target}`)

function findTensorflow() {
  const code = 'import importlib.util as u; print(u.find_spec("tensorflow").submodule_search_locations[0])'
  const { status, stdout } = spawnSync('python3', ['-c', code], { encoding: 'utf8' })
  if (status === 0) return stdout.trim()
  return fail(
    'python3 finds no tensorflow',
    'run `pip install tensorflow-cpu` in an active environment, or name the folder of its package tensorflow',
  )
}

/** Without its install script, which downloads libtensorflow. */
function installPackage() {
  if (existsSync(join(tfjsNode, 'package.json')) && versionOf(tfjsNode) === version) return
  mkdirSync(target, { recursive: true })
  writeFileSync(join(target, 'package.json'), JSON.stringify({ private: true }))
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']
  run('npm', ['install', ...options, `@tensorflow/tfjs-node@${version}`], target)
}

function versionOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
}

/** The sources are C++ that throws nothing; Node-API 8 is what every supported Node has. */
function compile() {
  const folder = join(tfjsNode, 'lib', 'napi-v8')
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(tfjsNode, 'binding', file))
  mkdirSync(folder, { recursive: true })
  run('g++', [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-fno-exceptions', '-w'],
    ...['-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
    ...[nodeHeaders, join(tensorflow, 'include'), join(tfjsNode, 'binding')].flatMap((path) => ['-I', path]),
    ...sources,
    ...['-o', join(folder, 'tfjs_binding.node')],
    ...['-L', tensorflow, ...libraries.map((library) => `-l:${library}`), `-Wl,-rpath,${tensorflow}`],
  ])
}

function run(command, args, cwd) {
  console.error(`${command} ${args.join(' ')}`)
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0)
    fail(`${command} ended with ${error?.message ?? `exit code ${status}`}`, 'see its output above')
}

function fail(what, hint) {
  console.error(`build-tfjs-node: ${what}\n  ${hint}`)
  process.exit(1)
}
