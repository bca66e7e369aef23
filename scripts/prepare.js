// npm runs this after `npm ci`, and once more when `npx nnlab` links the clone into its cache: it is built by then.
import { execSync } from 'node:child_process'
import { existsSync } from 'node:fs'

if (process.env.npm_command !== 'exec' || !existsSync('dist/nnlab.cjs'))
  execSync('npm run build', { stdio: 'inherit' })
