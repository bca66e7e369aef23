// The functions of an MPI library, called with plain addresses. Open MPI's handles are addresses of variables of the
// library, MPICH's are the numbers of its ABI (mpi.h of either).

import { UsageError } from '../../errors.ts'
import { loadKoffi } from '../koffi.ts'
import type { Koffi } from '../koffi.ts'

type MpiCall = (...args: readonly (number | bigint | null)[]) => number

export type MpiLibrary = {
  readonly addressOf: (bytes: Uint8Array) => bigint
  readonly world: bigint
  readonly bytes: bigint
  readonly ignoredStatus: bigint
  /** The kind of a group of ranks that share the memory of a machine. */
  readonly shared: number
  readonly noInfo: bigint
  readonly init: MpiCall
  readonly rank: MpiCall
  readonly size: MpiCall
  /** Divides ranks into groups of a kind. */
  readonly split: MpiCall
  readonly send: MpiCall
  readonly receive: MpiCall
  readonly test: MpiCall
  readonly abort: MpiCall
  readonly finalize: MpiCall
}

/** Opens the first of the libraries that there is. */
export function openMpiLibrary(files: readonly string[]): MpiLibrary {
  const koffi = loadKoffi()
  if (koffi === undefined)
    throw new UsageError('MPI needs the optional package @koromix/koffi-linux-x64, which is not installed', {
      hint: 'install it beside nnlab with npm on x86-64 Linux, or train without mpirun',
    })
  for (const file of files) {
    const library = loaded(koffi, file)
    if (library) return functionsOf(koffi, library)
  }
  throw new UsageError(`no MPI library was found: ${files.join(', ')}`, {
    hint: 'set NNLAB_MPI to the path of the libmpi.so that belongs to mpirun',
  })
}

type Library = ReturnType<Koffi['load']>

function loaded(koffi: Koffi, file: string): Library | undefined {
  try {
    return koffi.load(file)
  } catch {
    return undefined
  }
}

function functionsOf(koffi: Koffi, library: Library): MpiLibrary {
  const message = 'int64 buffer, int count, int64 type, int rank, int tag, int64 world, int64 request'
  return {
    addressOf: (bytes) => koffi.address(bytes),
    ...handlesOf(library),
    init: library.func('int MPI_Init(int64 argc, int64 argv)'),
    rank: library.func('int MPI_Comm_rank(int64 world, int64 rank)'),
    size: library.func('int MPI_Comm_size(int64 world, int64 size)'),
    split: library.func('int MPI_Comm_split_type(int64 world, int kind, int key, int64 info, int64 group)'),
    send: library.func(`int MPI_Isend(${message})`),
    receive: library.func(`int MPI_Irecv(${message})`),
    test: library.func('int MPI_Test(int64 request, int64 flag, int64 status)'),
    abort: library.func('int MPI_Abort(int64 world, int code)'),
    finalize: library.func('int MPI_Finalize()'),
  }
}

function handlesOf(
  library: Library,
): Pick<MpiLibrary, 'world' | 'bytes' | 'ignoredStatus' | 'shared' | 'noInfo'> {
  try {
    return {
      world: library.symbol('ompi_mpi_comm_world', 'int'),
      bytes: library.symbol('ompi_mpi_byte', 'int'),
      ignoredStatus: 0n,
      shared: 0,
      noInfo: library.symbol('ompi_mpi_info_null', 'int'),
    }
  } catch {
    return {
      world: 0x44000000n,
      bytes: 0x4c00010dn,
      ignoredStatus: 1n,
      shared: 1,
      noInfo: 0x1c000000n,
    }
  }
}
