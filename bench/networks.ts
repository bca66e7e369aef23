import { readFileSync } from 'node:fs'
import * as z from 'zod'

import type { Network } from './peers/conversation.ts'

/** The networks of a file in the form of networks.json, whose contents are not checked. */
export function networksIn(file: string): readonly Network[] {
  return z
    .array(z.custom<Network>((value) => typeof value === 'object'))
    .parse(JSON.parse(readFileSync(file, 'utf8')))
}
