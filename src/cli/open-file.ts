import { spawn } from 'node:child_process'
import { platform } from 'node:os'

/** The programs that open a file as a click on it does; others have that of freedesktop.org. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}
const OTHERS = ['xdg-open'] as const

/** Time after which an opener that still runs is taken to show the file: some end only with the window. */
const PATIENCE_MS = 2000

/** Opens a file with the platform's program for it; false where there is none. */
export function openFile(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const [program, ...argv] = OPENERS[platform()] ?? OTHERS
  const opener = spawn(program, [...argv, path], { detached: true, stdio: 'ignore', env })
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS, true)
    const end = (isOpen: boolean): void => {
      clearTimeout(timer)
      resolve(isOpen)
    }
    opener.on('error', () => {
      end(false)
    })
    opener.on('exit', (code) => {
      end(code === 0)
    })
    opener.unref()
  })
}
