import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'

import { speedTable } from '../bench/speed-table.ts'
import { commandTable } from '../src/cli/command-table.ts'
import { commands } from '../src/cli/commands/index.ts'
import { DataSpec } from '../src/spec/schema/data.ts'
import { nnlab } from './cli/support.ts'

test("the README's example of errors is what `nnlab validate` prints", async () => {
  const cwd = fileURLToPath(new URL('fixtures/readme/', import.meta.url))
  const { stderr } = await nnlab(['validate', 'broken.yaml'], { cwd })
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(text).toContain(`\n$ nnlab validate broken.yaml\n${stderr}\`\`\`\n`)
})

test("the README's table of the commands is that of the help", () => {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(text).toContain(`\n${commandTable(commands)}\n`)
})

test("the README's speeds are those of the last whole benchmark", () => {
  const [text, results] = ['README.md', 'bench/RESULTS.md'].map((file) =>
    readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'),
  )
  expect(text).toContain(`\n${speedTable(results ?? '')}\n`)
})

test('the gallery shows every example', () => {
  const text = readFileSync(new URL('../docs/examples.md', import.meta.url), 'utf8')
  const shown = [...text.matchAll(/^\| \[(.+\.yaml)\]/gm)].map(([, name]) => name).sort()
  const configs = readdirSync(fileURLToPath(new URL('../configs/', import.meta.url)))
  expect(shown).toEqual(configs.filter((name) => name.endsWith('.yaml')).sort())
})

test('the data sections of the gallery are valid', () => {
  const text = readFileSync(new URL('../docs/examples.md', import.meta.url), 'utf8')
  const sections = Array.from(text.matchAll(/\n```yaml\n(.*?)```/gs), ([, yaml = '']) => yaml)
  expect(sections.length).toBeGreaterThan(3)
  for (const yaml of sections)
    expect(z.object({ data: DataSpec }).safeParse(parse(yaml)).error).toBeUndefined()
})

test("the README's lines load a saved model in plain TensorFlow.js", async () => {
  const cwd = fileURLToPath(new URL('../', import.meta.url))
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, lines = ''] = /\n```js\n(import \{ readFileSync \}[^`]*(?:`[^`\n]*`[^`]*)*)```\n/.exec(text) ?? []
  expect(lines).toContain("'runs/digits/001/model'")
  const run = fileURLToPath(new URL('fixtures/runs-0.1.0/completed/model', import.meta.url))
  const code = `${lines.replace('runs/digits/001/model', run)}\nconsole.log(JSON.stringify(model.outputs[0].shape))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { cwd })
  expect(stdout.trim().split('\n').at(-1)).toBe('[null,3]')
})
