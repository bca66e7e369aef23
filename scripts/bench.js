// Runs a TypeScript program of bench/ or test/, bundled with all that stands beside it:
//   node scripts/bench.js run --quick
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'

const programs = {
  run: 'bench/run.ts',
  kernels: 'bench/kernels.ts',
  members: 'bench/members.ts',
  profile: 'bench/profile.ts',
  samplers: 'bench/samplers.ts',
  sweeps: 'bench/sweeps.ts',
  serve: 'bench/serve.ts',
  parity: 'test/parity/keras.ts',
  fuzz: 'test/fuzz/fuzz.ts',
  'parity-export': 'test/parity/export.ts',
  'peers/nnlab_peer': 'bench/peers/nnlab_peer.ts',
  'peers/tfjs_peer': 'bench/peers/tfjs_peer.ts',
}
const outdir = 'node_modules/.cache/bench'
await build({
  entryPoints: Object.entries(programs).map(([out, file]) => ({ in: file, out })),
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  // Files of the package are found from a folder of its root, as from src/ and dist/.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL('dist/program.mjs').href) },
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
})
const [program, ...args] = process.argv.slice(2)
const { status } = spawnSync(process.execPath, [`${outdir}/${program}.mjs`, ...args], { stdio: 'inherit' })
process.exit(status ?? 1)
