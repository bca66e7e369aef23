import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

import { folderOf } from '../cli/support.ts'

const TIMEOUT = 300_000
const Manifest = z.object({ dependencies: z.record(z.string(), z.string()) })
const tsc = resolve('node_modules/typescript/bin/tsc')

/** The first program in the language `js` under the heading of a document. */
async function programIn(file: string, heading: string): Promise<string> {
  const text = await readFile(file, 'utf8')
  const section = text.slice(text.indexOf(`${heading}\n`))
  return /^```js\n(.*?)^```$/ms.exec(section)?.[1] ?? ''
}

/** An empty project with the packed package, and its dependencies from here: nothing is downloaded. */
async function projectWithPackage(): Promise<string> {
  const project = await folderOf({ 'package.json': '{"type": "module"}' })
  const packed = join(project, 'packed')
  await mkdir(packed)
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', packed], { stdio: 'pipe' })
  const [tarball = ''] = await readdir(packed)
  execFileSync('tar', ['-xzf', tarball], { cwd: packed })
  const unpacked = join(packed, 'package')
  execFileSync(process.execPath, [resolve('scripts/manifest.js'), 'pack'], { cwd: unpacked })
  const manifest = Manifest.parse(JSON.parse(await readFile(join(unpacked, 'package.json'), 'utf8')))
  const modules = join(project, 'node_modules')
  await mkdir(modules)
  await cp(unpacked, join(modules, 'nnlab'), { recursive: true })
  for (const name of [...Object.keys(manifest.dependencies), '@types/node']) {
    await mkdir(dirname(join(modules, name)), { recursive: true })
    await symlink(resolve('node_modules', name), join(modules, name))
  }
  return project
}

beforeAll(() => {
  if (existsSync('dist/types/core/index.d.ts')) return
  execFileSync(process.execPath, ['scripts/build-types.js'], { stdio: 'inherit' })
}, TIMEOUT)

it(
  'the packed package type-checks and runs the programs of the README and of docs/predict.md',
  { timeout: TIMEOUT },
  async () => {
    const program = await programIn('README.md', '## From a Node program')
    expect(program).toContain("from 'nnlab'")
    expect(await programIn('docs/node.md', '# From a Node program')).toBe(program)
    const project = await projectWithPackage()
    await cp(join(project, 'node_modules/nnlab/configs'), project, { recursive: true })
    await writeFile(join(project, 'program.mts'), program)
    await writeFile(join(project, 'program.mjs'), program)
    const predicting = await programIn('docs/predict.md', '# Predict in your own program')
    expect(predicting).toContain("from 'nnlab/predict'")
    await writeFile(join(project, 'predict.mts'), predicting)
    await writeFile(join(project, 'predict.mjs'), predicting)
    const wrong = "import { train } from 'nnlab'\nawait train({ config: 3, process })\n"
    await writeFile(join(project, 'wrong.mts'), wrong)
    // Without the typings of the DOM.
    const libraries = ['--lib', 'es2023', '--types', 'node']
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', ...libraries]
    const files = ['program.mts', 'predict.mts', 'wrong.mts']
    const checked = spawnSync(process.execPath, [tsc, ...flags, ...files], { cwd: project, encoding: 'utf8' })
    expect(checked.stdout.match(/error TS/g)).toHaveLength(1)
    expect(checked.stdout).toContain("wrong.mts(2,15): error TS2322: Type 'number' is not assignable")

    const printed = execFileSync(process.execPath, ['program.mjs'], { cwd: project, encoding: 'utf8' })
    expect(printed).toContain(join(project, 'runs', 'iris', '001'))
    expect(printed).toMatch(/validation accuracy (0\.[89]|1)/)
    expect(printed).toMatch(/^versicolor \{.*versicolor: 0\.\d+/ms)

    const predicted = execFileSync(process.execPath, ['predict.mjs'], { cwd: project, encoding: 'utf8' })
    expect(printed).toContain(predicted)
  },
)
