// Memory for machine code, as each system gives it. Pages are never writable and executable at once, and stay until the
// process ends, since a worker may still run in one.

import { platform } from 'node:os'

import type { Koffi } from '../koffi.ts'

const PAGE = 4096

/** A system's memory: pages that can be written, 0 or less where it refuses, and their turn to pages that can be executed. */
type Pages = {
  reserve(bytes: number): number
  execute(page: number, bytes: number): boolean
}

/** The systems on which machine code runs. */
const pagesOf: Partial<Record<NodeJS.Platform, (koffi: Koffi) => Pages>> = {
  linux: (koffi) => posixPages(koffi, 0x20),
  darwin: (koffi) => posixPages(koffi, 0x1000),
  win32: windowsPages,
}

/** Copies code into pages of its own that can be executed; undefined where the system refuses. */
export function executable(koffi: Koffi, code: Uint8Array): bigint | undefined {
  const pages = pagesOf[platform()]?.(koffi)
  const bytes = Math.ceil(Math.max(1, code.length) / PAGE) * PAGE
  const page = pages?.reserve(bytes) ?? 0
  if (pages === undefined || page <= 0) return undefined
  new Uint8Array(koffi.view(BigInt(page), bytes)).set(code)
  return pages.execute(page, bytes) ? BigInt(page) : undefined
}

/** `anonymous`: the flag of mmap for memory that is no file, which systems number differently. */
function posixPages(koffi: Koffi, anonymous: number): Pages {
  const [READ_WRITE, READ_EXECUTE, PRIVATE] = [3, 5, 2]
  const system = koffi.load(null)
  const map = system.func('int64 mmap(int64, size_t, int, int, int, int64)')
  const protect = system.func('int mprotect(int64, size_t, int)')
  return {
    reserve: (bytes) => map(0, bytes, READ_WRITE, PRIVATE | anonymous, -1, 0),
    execute: (page, bytes) => protect(page, bytes, READ_EXECUTE) === 0,
  }
}

function windowsPages(koffi: Koffi): Pages {
  const [COMMIT_RESERVE, READ_WRITE, EXECUTE_READ] = [0x3000, 0x04, 0x20]
  const system = koffi.load('kernel32.dll')
  const allocate = system.func('int64 VirtualAlloc(int64, size_t, uint32, uint32)')
  const protect = system.func('int VirtualProtect(int64, size_t, uint32, int64)')
  return {
    reserve: (bytes) => allocate(0, bytes, COMMIT_RESERVE, READ_WRITE),
    execute(page, bytes) {
      // It writes the protection that the page had, and fails where it cannot.
      const before = new Uint8Array(4)
      return protect(page, bytes, EXECUTE_READ, koffi.address(before)) !== 0
    },
  }
}
