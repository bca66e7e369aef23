import { lines } from '../../report/text/terminal-text.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { listenOptions, requirePort, runServer } from '../http-server.ts'
import { quietOption, requiredModelArgument, thresholdOption } from '../options.ts'

export const serve = command({
  name: 'serve',
  usage: '<model>',
  summary: 'Answer predictions over HTTP',
  options: {
    model: requiredModelArgument,
    ...listenOptions,
    ...thresholdOption,
    json: { type: 'boolean', describe: 'Print the address, the token and the run as one JSON document' },
    ...quietOption,
  },
  examples: [
    ['nnlab serve runs/digits/001', 'with a token that is printed, or that of NNLAB_TOKEN'],
    ['nnlab serve iris.yaml --port 9000', 'the last run of the config'],
  ],
  async run({ port, host, json, quiet, threshold, model }, io) {
    requirePort(port)
    const [{ openPredictor }, { predictionRoutes }, { runName }, { version }] = await Promise.all([
      import('../../core/predictor.ts'),
      import('../../server/predictions.ts'),
      import('../../run/run-name.ts'),
      import('../../version.ts'),
    ])
    const predictor = await openPredictor({
      ...environmentFor(io, { quiet }),
      model,
      threshold: threshold === 0.5 ? undefined : threshold,
    })
    const run = runName(predictor.folder, io.cwd)
    return runServer(
      {
        host,
        port,
        routes: () => predictionRoutes({ ...predictor, run, version }),
        begun({ url }, token, ownToken) {
          if (json) io.stdout.writeData(`${JSON.stringify({ url, token, run })}\n`)
          else io.stdout.write(lines([`${url} answers until Ctrl-C; POST rows to ${url}/predict`]))
          if (!json && ownToken) io.stderr.write(lines([`token: ${token}`]))
        },
      },
      io,
    )
  },
})
