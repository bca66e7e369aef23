import { startPeer } from '../peer-process.ts'
import type { PeerProcess } from '../peer-process.ts'
import { findPython, findTfjsNode, pythonPackages } from './available.ts'

/** A contender of the benchmark: how it is started, or why it is not here. */
export type Peer = {
  readonly name: string
  readonly title: string
  /** With the rivals that nnlab's bars are set against, or a yardstick beside them. */
  readonly role: 'nnlab' | 'rival' | 'yardstick'
  readonly missing: string | undefined
  start(): PeerProcess
}

const PACKAGES = ['keras', 'tensorflow-cpu', 'tensorflow', 'jax', 'torch', 'numpy']

/** Versions of what the peers are made of. */
export function peerVersions(): ReadonlyMap<string, string> {
  const python = findPython()
  return python === undefined ? new Map() : pythonPackages(python, PACKAGES)
}

/** All peers, on the first `threads` processors. */
export function allPeers(threads: number, limited: boolean): readonly Peer[] {
  const python = findPython()
  const tfjsNode = findTfjsNode()
  const versions = peerVersions()
  const tensorflow = versions.has('tensorflow-cpu') || versions.has('tensorflow')
  const environment = {
    OMP_NUM_THREADS: `${threads}`,
    TF_NUM_INTRAOP_THREADS: `${threads}`,
    ...(tfjsNode !== undefined && { NNLAB_TFJS_NODE: tfjsNode }),
  }
  const start = (command: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const line = limited ? ['taskset', '-c', `0-${threads - 1}`, command, ...args] : [command, ...args]
    return startPeer(line[0] ?? command, line.slice(1), { ...environment, ...more })
  }
  const bundle = (program: string): string => `node_modules/.cache/bench/peers/${program}.mjs`
  const ours = (name: string, title: string, ...args: string[]): Peer => ({
    name,
    title,
    role: 'nnlab',
    missing: undefined,
    start: () => start(process.execPath, [bundle('nnlab_peer'), ...args]),
  })
  const inPython = (
    name: string,
    title: string,
    role: Peer['role'],
    script: string,
    needed: boolean,
    more: Readonly<Record<string, string>> = {},
  ): Peer => ({
    name,
    title,
    role,
    missing: needed
      ? undefined
      : 'not installed: npm run peers, or NNLAB_PEERS=FOLDER of a Python environment',
    start: () => start(python ?? 'python3', [`bench/peers/${script}.py`], more),
  })
  const keras = (backend: string, title: string, found: boolean): Peer =>
    inPython(`keras-${backend}`, `Keras on ${title}`, 'rival', 'keras_peer', versions.has('keras') && found, {
      KERAS_BACKEND: backend,
    })
  return [
    ours('nnlab', 'nnlab', 'compiled', 'auto'),
    ours('nnlab-1', 'nnlab, 1 thread', 'compiled', '1'),
    ours('nnlab-wasm', 'nnlab without machine code', 'compiled', 'auto', 'none'),
    ours('nnlab-tfjs', 'nnlab on tfjs', 'tfjs'),
    keras('tensorflow', 'TensorFlow', tensorflow),
    keras('jax', 'JAX', versions.has('jax')),
    keras('torch', 'PyTorch', versions.has('torch')),
    inPython('torch', 'PyTorch', 'rival', 'torch_peer', versions.has('torch')),
    {
      name: 'tfjs-node',
      title: 'tfjs-node',
      role: 'rival',
      missing: tfjsNode === undefined ? 'not built: node scripts/build-tfjs-node.js' : undefined,
      start: () => start(process.execPath, [bundle('tfjs_peer'), 'tensorflow']),
    },
    {
      name: 'tfjs-wasm',
      title: 'tfjs wasm',
      role: 'yardstick',
      missing: undefined,
      start: () => start(process.execPath, [bundle('tfjs_peer'), 'wasm']),
    },
    inPython('jax', 'hand-written JAX', 'yardstick', 'jax_peer', versions.has('jax')),
  ]
}
