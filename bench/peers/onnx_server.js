// ONNX Runtime behind a plain Node server: what bench/serve.ts compares `nnlab serve` with.
//   node bench/peers/onnx_server.js model.onnx FOLDER   where node_modules of the folder has onnxruntime-node
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [file, folder] = process.argv.slice(2)
const { InferenceSession, Tensor } = createRequire(join(folder, 'package.json'))('onnxruntime-node')
const session = await InferenceSession.create(file)
const [label] = session.outputNames

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (part) => (body += part))
  request.on('end', async () => {
    const rows = JSON.parse(body)
    const feeds = Object.fromEntries(
      session.inputNames.map((name) => [
        name,
        new Tensor(
          'float32',
          Float32Array.from(rows, (row) => row[name]),
          [rows.length, 1],
        ),
      ]),
    )
    const { [label]: labels } = await session.run(feeds)
    const text = JSON.stringify(Array.from(labels.data, (prediction) => ({ prediction })))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.end(text)
  })
})
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, token: '' }))
})
