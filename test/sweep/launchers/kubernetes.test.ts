import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'

import { commands } from '../../../src/cli/commands/index.ts'

// The parts of the API that the manifest uses, with the rules that Kubernetes checks when a Job is created:
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
const Name = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
const Quantity = z.string().regex(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/)
const Resources = z.strictObject({ cpu: Quantity, memory: Quantity }).partial()
const Container = z.strictObject({
  name: Name,
  image: z.string().regex(/^[\w.\-/:]+$/),
  command: z.array(z.string()).min(1),
  resources: z.strictObject({ requests: Resources, limits: Resources }).partial(),
  volumeMounts: z.array(z.strictObject({ name: Name, mountPath: z.string().startsWith('/') })),
})
const Pod = z
  .strictObject({
    restartPolicy: z.enum(['Never', 'OnFailure']),
    containers: z.array(Container).min(1),
    volumes: z.array(
      z.strictObject({ name: Name, persistentVolumeClaim: z.strictObject({ claimName: Name }) }),
    ),
  })
  .refine(({ containers, volumes }) =>
    containers.every((one) =>
      one.volumeMounts.every(({ name }) => volumes.some((volume) => volume.name === name)),
    ),
  )
const Job = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.strictObject({ name: Name }),
  spec: z
    .strictObject({
      completionMode: z.literal('Indexed'),
      completions: z.int().positive(),
      parallelism: z.int().nonnegative().max(100_000),
      backoffLimitPerIndex: z.int().nonnegative(),
      template: z.strictObject({ spec: Pod }),
    })
    // A limit for each index is for pods that are not started again.
    .refine(({ template }) => template.spec.restartPolicy === 'Never'),
})

describe('the manifest for Kubernetes in docs/beyond-one-machine.md', () => {
  const text = readFileSync('docs/beyond-one-machine.md', 'utf8')
  const [, manifest = ''] = /```yaml\n(apiVersion:[^`]+)```/.exec(text) ?? []

  it('is an indexed job that the API takes', () => {
    expect(Job.safeParse(parse(manifest))).toMatchObject({ success: true })
  })

  it('starts a worker', () => {
    const { spec } = Job.parse(parse(manifest))
    const [program, command, ...rest] = spec.template.spec.containers[0]?.command ?? []
    expect([program, rest[0]]).toEqual(['nnlab', 'worker'])
    expect(commands.map(({ name }) => name)).toContain(command)
    expect(spec.parallelism).toBeLessThanOrEqual(spec.completions)
  })
})
