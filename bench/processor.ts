import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/**
 * The kind of this processor: its name, and where Linux tells them its family and whether it has AVX-512, since virtual
 * machines give processors of several generations one name.
 */
export function processorKind(): string {
  const name = cpus()[0]?.model ?? 'unknown processor'
  const info = cpuInfo()
  const family = /^cpu family\s*: (\d+)$/m.exec(info)?.[1]
  if (family === undefined) return name
  return `${name}, family ${family}${/^flags\s*:.* avx512f /m.test(info) ? ', AVX-512' : ''}`
}

function cpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    return ''
  }
}
