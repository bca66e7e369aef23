import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { check, fixtures } from '../../model/config.ts'

const good = join(fixtures('good'), 'bare-names.yaml')
const folder = mkdtempSync(join(tmpdir(), 'nnlab-'))
afterAll(() => rmSync(folder, { recursive: true }))

function set(...overrides: string[]): string {
  return check(good, overrides).text
}

describe('--set', () => {
  it('sets keys, options of bare names and items of lists; values are YAML', () => {
    const { experiment } = check(good, [
      'fit.epochs=3',
      'compile.optimizer.learning_rate=1e-4',
      'model.layers[1].kernel_initializer={type: he_normal}',
      'compile.metrics=[accuracy, top_k_categorical_accuracy]',
      'compile.metrics[1]={type: top_k_categorical_accuracy, k: 2}',
      'name=other',
    ])
    expect(experiment?.spec).toMatchObject({
      name: 'other',
      fit: { epochs: 3 },
      compile: {
        optimizer: { type: 'adam', learning_rate: 0.0001 },
        metrics: [{ type: 'accuracy' }, { type: 'top_k_categorical_accuracy', k: 2 }],
      },
      model: { layers: [{ type: 'flatten' }, { kernel_initializer: { type: 'he_normal' } }] },
    })
  })

  it('shows the argument where the value is wrong', () => {
    expect(set('fit.epochs=3', 'fit.batch_size=none')).toMatchInlineSnapshot(`
      "--set:2:16 error type: expected an integer >= 1, got "none"
      2 | fit.batch_size=none
        |                ^^^^

      1 error
      "
    `)
  })

  it('refuses an index that the list does not have', () => {
    expect(set('model.layers.-1.units=3')).toContain('this list has 2 items, and none has the index -1')
    const empty = set('fit.callbacks=[]', 'fit.callbacks[0].patience=3')
    expect(empty).toContain('this list has 0 items, and none has the index 0')
    expect(empty).toContain('set the whole list')
  })

  it('shows the argument where the key is wrong', () => {
    expect(set('fit.epoch=3')).toMatchInlineSnapshot(`
      "--set:1:5 error unknown-key: unknown key "epoch"
      1 | fit.epoch=3
        |     ^^^^^
        = did you mean "epochs"?

      1 error
      "
    `)
  })

  it.each([
    ['no equals sign', 'fit.epochs'],
    ['an item that is not there', 'model.layers[7].units=3'],
    ['a key inside a number', 'model.layers[1].units.x=3'],
    ['YAML that is not closed', 'compile.metrics=[accuracy'],
    ['nothing', 'fit.epochs='],
  ])('explains %s', (_, argument) => {
    expect(set(argument)).toMatchSnapshot()
  })
})

describe('a file', () => {
  it('that is missing is one diagnostic without an excerpt', () => {
    expect(check(join(folder, 'none.yaml')).text).toMatchInlineSnapshot(`
      "none.yaml error unreadable: there is no such file
        = \`nnlab init\` writes a config to start from

      1 error
      "
    `)
  })

  it('that is too large is refused unread', () => {
    const file = join(folder, 'large.yaml')
    writeFileSync(file, `data: [${'0, '.repeat(700_000)}0]\n`)
    expect(check(file).diagnostics.map(({ code }) => code)).toEqual(['too-large'])
  })

  it('that others inherit from in many ways is read once', () => {
    for (let i = 0; i < 40; i++) {
      writeFileSync(join(folder, `${i}.yaml`), `extends: [${i + 1}.yaml, ${i + 1}.yaml]\n`)
    }
    writeFileSync(join(folder, '40.yaml'), 'seed: 3\n')
    expect(check(join(folder, '0.yaml')).document.data).toEqual({ seed: 3 })
  })

  it('drops what it inherits by a written null, and never by an empty value', () => {
    writeFileSync(
      join(folder, 'parent.yaml'),
      'fit: {epochs: 3, callbacks: [a]}\ndata: {window: {steps: 2}}\n',
    )
    const inherited = (text: string, ...overrides: string[]): unknown => {
      writeFileSync(join(folder, 'child.yaml'), `extends: parent.yaml\n${text}\n`)
      return check(join(folder, 'child.yaml'), overrides).document.data
    }
    const rest = { fit: { epochs: 3 }, data: { window: { steps: 2 } } }
    for (const nothing of ['null', '~', 'Null', '!!null null'])
      expect(inherited(`fit: {callbacks: ${nothing}}`)).toEqual(rest)
    expect(inherited('data: {window: ~}\nfit: null')).toEqual({ data: {} })
    expect(inherited('', 'fit.callbacks=null')).toEqual(rest)
    for (const empty of ['fit:\n  callbacks:', 'fit: {callbacks: }', 'fit:\n  callbacks: # later'])
      expect(inherited(empty)).toEqual({ ...rest, fit: { epochs: 3, callbacks: null } })
    expect(inherited('fit: {callback: null}')).toMatchObject({ fit: { callback: null } })
    expect(inherited('', 'fit.callbacks=')).toMatchObject({ fit: { callbacks: null } })
  })

  it('in which a value was written is known', () => {
    const { document } = check(join(fixtures('good'), 'extends-several.yaml'), ['data.path=other.csv'])
    expect(document.fileOf(['fit', 'batch_size'])).toBe(join(fixtures('base'), 'longer.yaml'))
    expect(document.fileOf(['data', 'type'])).toBe(good)
    expect(document.fileOf(['data', 'path'])).toBeUndefined()
  })
})

describe('a path that is not a config', () => {
  it('is refused unread where it is a pipe or a device', () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    writeFileSync(join(folder, 'extending.yaml'), `extends: ${pipe}\n`)
    for (const path of [pipe, '/dev/zero', join(folder, 'extending.yaml')]) {
      expect(check(path).text.replaceAll(/\s+/g, ' ')).toContain('this is a pipe or a device, not a file')
    }
  })

  it.each(['rows.csv', 'rows.TSV.gz', 'rows.jsonl', 'rows.parquet', 'rows.npz'])(
    'is told with what to write where it holds rows: %s',
    (name) => {
      writeFileSync(join(folder, name), 'a,b\n1,2\n')
      const text = check(join(folder, name)).text.replaceAll(/\s+/g, ' ')
      expect(text).toContain('this file holds rows, not a config')
      expect(text).toContain(`nnlab init --data ${name}`)
    },
  )

  it.each(['root:x:0:0:secret\n', 'secret: [unclosed\n', '- secret\n'])(
    'is not shown where a config extends it: %j',
    (content) => {
      writeFileSync(join(folder, 'other'), content)
      writeFileSync(join(folder, 'extending.yaml'), 'extends: other\n')
      const { text } = check(join(folder, 'extending.yaml'))
      expect(text).toContain('a config is a map of keys')
      expect(text).not.toContain('secret')
    },
  )
})
