import { cpus, totalmem } from 'node:os'

import { ExitCode } from '../../../errors.ts'
import { bytes } from '../../../report/text/format.ts'
import { table } from '../../../report/text/table.ts'
import { version } from '../../../version.ts'
import type { Io } from '../../io.ts'

export type DoctorOptions = { readonly json: boolean }

/** Says what this machine has, which engine would be used, and why. */
export async function doctor({ json }: DoctorOptions, io: Io): Promise<number> {
  io.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  io.env['TF_ENABLE_ONEDNN_OPTS'] ??= '0'
  const [{ probeBackends }, { relaxedSimd }] = await Promise.all([
    import('../../../engine/tfjs/backend.ts'),
    import('../../../backend/wasm/assembler/features.ts'),
  ])
  const processors = cpus()
  const report = {
    nnlab: version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory: totalmem(),
    /** What `engine: auto` takes for every network that it can compile. */
    compiled: { arithmetic: relaxedSimd() ? 'fma' : 'mul_add' },
    backends: await probeBackends({ tfjsNodeFolder: io.env['NNLAB_TFJS_NODE'] }),
  }
  if (json) io.stdout.write(`${JSON.stringify(report)}\n`)
  else {
    const { nnlab, node, platform, processor, cores, memory, compiled, backends } = report
    io.stdout.write(
      [
        `nnlab ${nnlab}, Node ${node}, ${platform}`,
        `${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${bytes(memory)} of memory`,
        '',
        `Engine: compiled, with ${compiled.arithmetic} arithmetic. What it cannot compile runs on the tfjs engine:`,
        table(
          ['Backend', 'Version', 'State', 'Detail'],
          backends.map(({ name, version, available, chosen, detail }) => [
            name,
            version ?? '-',
            chosen ? 'chosen' : available ? 'available' : 'missing',
            detail,
          ]),
          ['left', 'left', 'left', 'left'],
          io.stdout.columns ?? 100,
        ),
        '',
      ].join('\n'),
    )
  }
  return ExitCode.done
}
