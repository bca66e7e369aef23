import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

import { expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'

import { logMetrics } from '../../../src/components/callbacks/mlflow-client.ts'

const Batch = z.object({ metrics: z.array(z.object({ step: z.int() })) })
const metric = (step: number) => ({ key: 'loss', value: 1, timestamp: 0, step })

it('metrics that come while others are sent wait for the next time', async () => {
  const queue = Array.from({ length: 1500 }, (_, step) => metric(step))
  const sent: number[][] = []
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      sent.push(Batch.parse(body).metrics.map(({ step }) => step))
      if (sent.length < 10) queue.push(metric(1500 + sent.length))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  await logMetrics({ uri, credentials: {} }, 'run', queue)
  expect(sent.map((steps) => steps.length)).toEqual([1000, 500])
  expect(queue.map(({ step }) => step)).toEqual([1501, 1502])
})
