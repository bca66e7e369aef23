// The licenses of the packages whose code is part of a bundle.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The text of THIRD-PARTY-NOTICES for the inputs of an esbuild metafile. */
export function notices({ inputs }) {
  const packages = Object.keys(inputs)
    .map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter((folder) => folder !== undefined)
  const entries = [...new Set(packages)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry))
    if (file === undefined) throw new Error(`${name} has no license file`)
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  })
  const line = '-'.repeat(80)
  return `nnlab includes code of the following packages.\n\n${[...new Set(entries)].map((entry) => `${line}\n${entry}`).join('\n')}`
}
