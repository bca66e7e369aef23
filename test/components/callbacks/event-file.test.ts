import { describe, expect, it } from 'vitest'

import { crc32c, ScalarRecords, summaryRecord } from '../../../src/components/callbacks/event-file.ts'
import { ProtobufMessage } from '../../../src/protobuf.ts'

const CHECKSUM = 4
const HEADER = 8 + CHECKSUM

/** The fields of the event in a record, and of the values in it. */
function eventOf(record: Uint8Array) {
  const data = record.subarray(HEADER, record.length - CHECKSUM)
  const event = new ProtobufMessage(data)
  return {
    time: event.bytes(1).map((bytes) => Buffer.from(bytes).readDoubleLE()),
    step: event.number(2),
    values: event.messages(5).map((summary) =>
      summary.messages(1).map((value) => ({
        tag: value.text(1),
        scalar: value.bytes(2).map((bytes) => Buffer.from(bytes).readFloatLE()),
      })),
    ),
  }
}

describe('records of scalars', () => {
  const tagsOf = [['epoch_loss'], ['epoch_loss', 'epoch_größe', 'a'.repeat(300)], ['x', 'x', '']]
  const steps = [0, 1, 127, 128, 16_383, 16_384, 2 ** 28, 2 ** 31 - 1, 2 ** 34]

  it.each(tagsOf.map((tags) => ({ tags })))(
    'hold what a record encoded as a whole does: $tags.length',
    ({ tags }) => {
      const of = (seed: number) => tags.map((tag, i) => ({ tag, scalar: Math.fround(seed / 7 + i) }))
      const records = new ScalarRecords(of(0))
      for (const step of steps) {
        const scalars = of(step)
        const [time, record] = [
          1_700_000_000_123 + step,
          Buffer.from(records.at(step, 1_700_000_000_123 + step, scalars)),
        ]
        expect(eventOf(record)).toEqual(eventOf(summaryRecord(step, time, scalars)))
        expect(record.readBigUInt64LE()).toBe(BigInt(record.length - HEADER - CHECKSUM))
        const masked = (record.readUInt32LE(record.length - CHECKSUM) - 0xa282ead8) >>> 0
        expect(((masked >>> 17) | (masked << 15)) >>> 0).toBe(
          crc32c(record.subarray(HEADER, record.length - CHECKSUM)),
        )
      }
    },
  )

  it('are made anew for other tags', () => {
    const records = new ScalarRecords([{ tag: 'a', scalar: 1 }])
    expect(records.fits([{ tag: 'a', scalar: 2 }])).toBe(true)
    expect(records.fits([{ tag: 'b', scalar: 2 }])).toBe(false)
    expect(records.fits([])).toBe(false)
  })

  it('have the checksum of RFC 3720, section B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
  })
})
