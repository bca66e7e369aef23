import { UsageError } from '../../errors.ts'
import { lines } from '../../report/text/terminal-text.ts'
import { reportBug } from '../bug.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { Interrupt } from '../interrupt.ts'
import { quietOption, requiredModelArgument } from '../options.ts'

const MOST_PORT = 65535

export const serve = command({
  name: 'serve',
  usage: '<model>',
  summary: 'Answer predictions over HTTP',
  options: {
    model: requiredModelArgument,
    port: { type: 'number', default: 8080, describe: 'Port to listen on; 0 takes a free one' },
    host: {
      type: 'string',
      default: '127.0.0.1',
      describe: 'Address to listen on; 0.0.0.0 lets other machines in',
    },
    threshold: {
      type: 'number',
      default: 0.5,
      describe: 'Probability above which the positive class is predicted, where the output has one unit',
    },
    json: { type: 'boolean', describe: 'Print the address, the token and the run as one JSON document' },
    ...quietOption,
  },
  examples: [
    ['nnlab serve runs/digits/001', 'with a token that is printed, or that of NNLAB_TOKEN'],
    ['nnlab serve iris.yaml --port 9000', 'the last run of the config'],
  ],
  async run({ port, host, json, quiet, threshold, model }, io) {
    if (!Number.isInteger(port) || port < 0 || port > MOST_PORT)
      throw new UsageError(`--port must be a whole number from 0 to ${MOST_PORT}, got ${port}`)
    const [{ openPredictor }, { listen, newToken }, { predictionRoutes }, { runName }, { version }] =
      await Promise.all([
        import('../../core/predictor.ts'),
        import('../../server/http.ts'),
        import('../../server/predictions.ts'),
        import('../../report/text/format.ts'),
        import('../../version.ts'),
      ])
    const predictor = await openPredictor({
      ...environmentFor(io, { quiet }),
      model,
      threshold: threshold === 0.5 ? undefined : threshold,
    })
    const token = io.env['NNLAB_TOKEN'] || newToken()
    const run = runName(predictor.folder, io.cwd)
    const interrupt = new Interrupt(io)
    interrupt.watch()
    const server = await listen(predictionRoutes({ ...predictor, run, version }), {
      host,
      port,
      token,
      onBug: (error) => void reportBug(error, io),
    })
    if (json) io.stdout.writeData(`${JSON.stringify({ url: server.url, token, run })}\n`)
    else io.stdout.write(lines([`${server.url} answers until Ctrl-C; POST rows to ${server.url}/predict`]))
    if (!json && !io.env['NNLAB_TOKEN']) io.stderr.write(lines([`token: ${token}`]))
    await interrupted(interrupt.signal)
    await server.close()
    return interrupt.exitCode
  },
})

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => {
      resolve()
    })
  })
}
