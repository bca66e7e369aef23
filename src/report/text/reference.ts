import { diagnosticCodes } from '../../diagnostic-codes.ts'
import { kerasAnswers } from '../../spec/check/keras-names.ts'
import { explain, explainFamily } from '../../spec/explain.ts'
import type { KeyExplanation } from '../../spec/explain.ts'
import { families } from '../../components/families.ts'
import { valueText } from './explanation.ts'
import { capitalized } from './format.ts'

/** The pages of docs/reference/, by file name. */
export function referencePages(): ReadonlyMap<string, string> {
  const pages = new Map<string, string>()
  pages.set('config.md', configPage())
  for (const name of families.keys()) pages.set(`${name}.md`, familyPage(name))
  pages.set('diagnostics.md', diagnosticsPage())
  pages.set('keras.md', kerasPage())
  pages.set('README.md', indexPage([...pages.keys()]))
  return pages
}

function page(title: string, intro: string, parts: readonly string[]): string {
  return `${[`# ${title}`, intro, ...parts].join('\n\n')}\n`
}

function indexPage(files: readonly string[]): string {
  const intro = 'Every key of a config and every component, generated from the schemas that check them.'
  return page('Reference', intro, [files.map((file) => `- [${file.replace('.md', '')}](${file})`).join('\n')])
}

function configPage(): string {
  const [root] = explain('').found
  const sections = (root?.keys ?? []).filter(
    ({ key }) => key !== 'name' && key !== 'seed' && key !== 'extends',
  )
  const intro =
    'A config file is a map of these keys. Keys that begin with `x-` are your own, for YAML anchors.'
  const parts = sections.flatMap(({ key }) => explain(key).found.flatMap(sectionParts))
  return page('The config file', intro, [...(root ? keyTable(root) : []), ...parts])
}

function sectionParts(section: KeyExplanation): string[] {
  const types = section.members.flatMap(({ name }) => explain(`${section.path}.${name}`).found)
  return [
    `## ${section.path}`,
    section.description,
    ...keyTable(section),
    ...types.flatMap((type) => [`### ${type.path}`, ...keyTable(type), ...nested(type)]),
    ...nested(section),
  ]
}

/** The keys of maps inside a section. */
function nested({ path, keys }: KeyExplanation): string[] {
  return keys
    .filter(({ type }) => /\bmap \{/.test(type))
    .flatMap(({ key }) => explain(`${path}.${key}`).found)
    .flatMap((inner) => (inner.keys.length === 0 ? [] : [`#### ${inner.path}`, ...keyTable(inner)]))
}

function familyPage(name: string): string {
  const parts = explainFamily(name).flatMap((member) => [
    `## ${member.path.replace(/^.*\./, '')}`,
    member.description,
    ...keyTable({ ...member, keys: member.keys.filter(({ key }) => key !== 'type') }),
  ])
  return page(capitalized(name), 'Written as a bare name, or as a map with `type` and options.', parts)
}

function kerasPage(): string {
  const intro =
    'Names of Keras 3.15 that a config has no component or key for, and what to do instead. Messages say the same.'
  const names = (written: string): string =>
    written
      .split(' ')
      .map((name) => `\`${name}\``)
      .join(', ')
  const parts = kerasAnswers().flatMap(([family, answers]) => [
    `## ${family}`,
    [
      '| Keras | Instead |',
      '| --- | --- |',
      ...answers.map(([keras, answer]) => `| ${names(keras)} | ${answer} |`),
    ].join('\n'),
  ])
  return page('Names of Keras', intro, parts)
}

function diagnosticsPage(): string {
  const rows = Object.entries(diagnosticCodes).map(([code, text]) => `| \`${code}\` | ${text} |`)
  return page('Diagnostics', 'Codes of the diagnostics that `nnlab validate` and `nnlab data` report.', [
    ['| Code | Meaning |', '| --- | --- |', ...rows].join('\n'),
  ])
}

function keyTable({ keys }: Pick<KeyExplanation, 'keys'>): string[] {
  if (keys.length === 0) return []
  const rows = keys.map((key) => {
    const value = key.required ? 'required' : key.default === undefined ? '' : `\`${valueText(key.default)}\``
    return `| \`${key.key}\` | ${cell(key.type)} | ${value} | ${cell(key.description)} |`
  })
  return [['| Key | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')]
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
