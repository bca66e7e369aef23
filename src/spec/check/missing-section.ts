import { list } from '../../wording.ts'
import { fault } from './faults.ts'
import type { Fault } from './faults.ts'
import { sectionOf } from './hints.ts'

/** The faults, with one in place of all those that a missing or indented line such as `compile:` causes. */
export function withoutEchoes(faults: readonly Fault[], sections: readonly string[]): readonly Fault[] {
  return withBaseHint(sections.reduce<readonly Fault[]>(withoutEchoesOf, faults))
}

/** The faults, with a hint to `extends` in a file that has none of the sections that a config needs, such as one with a sweep alone. */
function withBaseHint(faults: readonly Fault[]): readonly Fault[] {
  const missing = faults.filter(({ problem: { code, path } }) => code === 'missing-key' && path.length === 1)
  const last = missing.at(-1)
  if (last === undefined || !['data', 'model', 'compile'].every((section) => isAmong(section, missing))) {
    return faults
  }
  const hint = `${last.problem.hint}; where they are in another file, begin this one with \`extends: FILE\``
  return faults.map((one) => (one === last ? { ...one, problem: { ...one.problem, hint } } : one))
}

function isAmong(section: string, faults: readonly Fault[]): boolean {
  return faults.some(({ problem }) => problem.path[0] === section)
}

function withoutEchoesOf(faults: readonly Fault[], section: string): readonly Fault[] {
  const missing = faults.filter(
    ({ problem: { code, path } }) => code === 'missing-key' && path.length === 1 && path[0] === section,
  )
  const strangers = faults.filter(({ problem: { code, path } }) => code === 'unknown-key' && path.length <= 2)
  const isHeader = ({ problem: { path } }: Fault): boolean => path.length === 2 && path[1] === section
  const header = strangers.find(isHeader)
  const keys = strangers.filter(
    ({ problem: { path } }) => path[0] !== section && sectionOf(String(path.at(-1))) === section,
  )
  const [first] = keys
  if (header === undefined && (missing.length === 0 || first === undefined)) return faults
  const echoes = new Set([...missing, ...keys, ...strangers.filter(isHeader)])
  const cause = header ? indented(header, section) : first && headless(first, keys, section)
  return [...(cause ? [cause] : []), ...faults.filter((one) => !echoes.has(one))]
}

function indented({ problem: { path } }: Fault, section: string): Fault {
  return fault('unknown-key', path, `"${section}" is a section of its own, not a key of "${path[0]}"`, {
    hint: `remove the spaces before \`${section}:\``,
    at: 'key',
  })
}

function headless({ problem: { path } }: Fault, keys: readonly Fault[], section: string): Fault {
  const names = keys.map(({ problem }) => `"${String(problem.path.at(-1))}"`)
  const [belongs, them] = names.length === 1 ? ['belongs', 'it'] : ['belong', 'them']
  return fault(
    'missing-key',
    path,
    `${list(names)} ${belongs} in the section \`${section}\`, which is missing`,
    {
      hint: `write \`${section}:\` on a line above ${them}, and indent ${them}`,
      at: 'key',
    },
  )
}
