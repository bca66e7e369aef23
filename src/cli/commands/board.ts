import { lines } from '../../report/text/terminal-text.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { listenOptions, requirePort, runServer } from '../http-server.ts'

export const board = command({
  name: 'board',
  usage: '[folder]',
  summary: 'Show the runs on a page that updates while they train',
  options: {
    folder: { type: 'string', default: 'runs', completes: 'folder', describe: 'Folder that holds the runs' },
    ...listenOptions,
    json: { type: 'boolean', describe: 'Print the address, with its token, as one JSON document' },
  },
  examples: [['nnlab board', 'prints the address of the page']],
  async run({ folder, port, host, json }, io) {
    requirePort(port)
    const { boardRoutes, requireFolder } = await import('../../server/board.ts')
    await requireFolder(folder, io.cwd)
    return runServer(
      {
        host,
        port,
        routes: (token, onBug) =>
          boardRoutes({ ...environmentFor(io, { quiet: true }), folder, token, onBug }),
        begun({ url }, token) {
          const address = `${url}/?token=${token}`
          if (json) io.stdout.writeData(`${JSON.stringify({ url: address })}\n`)
          else io.stdout.write(lines([`${address} shows ${folder} until Ctrl-C`]))
        },
      },
      io,
    )
  },
})
