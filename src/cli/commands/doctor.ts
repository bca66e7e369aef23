import { cpus, totalmem } from 'node:os'

import { version } from '../../version.ts'
import { command } from '../command.ts'
import { nativeOf } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { jsonOption } from '../options.ts'

export const doctor = command({
  name: 'doctor',
  usage: '',
  summary: 'Show the capabilities of this machine and the default engine',
  options: { ...jsonOption },
  examples: [],
  async run({ json }, io) {
    const [{ probeBackends }, { relaxedSimd }, { nativeName, openNative }, { renderMachine }] =
      await Promise.all([
        import('../../engine/tfjs/backend.ts'),
        import('../../backend/wasm/assembler/features.ts'),
        import('../../engine/compiled/native.ts'),
        import('../../report/text/doctor.ts'),
      ])
    const processors = cpus()
    const report = {
      nnlab: version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      processor: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memory: totalmem(),
      compiled: {
        arithmetic: relaxedSimd() ? 'fma' : 'mul_add',
        native: nativeName(openNative(nativeOf(io.env))),
      },
      backends: await probeBackends({ tfjsNodeFolder: io.env['NNLAB_TFJS_NODE'] }),
    }
    if (json) io.stdout.writeJson(report)
    else io.stdout.write(renderMachine(report, io.stdout.width))
    return ExitCode.done
  },
})
