/**
 * One logarithmic scale for all limits of a ladder: it shows 5 seconds and an hour together. What
 * it would draw at the same place is pushed apart, because the order of limits is what the drawing
 * is for. The same rules as in the terminal (crates/report/src/chain/scale.rs).
 */

import type { Rung } from '../core/answers'

const TICKS: readonly (readonly [number, string])[] = [
  [1, '1ms'],
  [10, '10ms'],
  [100, '0.1s'],
  [1_000, '1s'],
  [2_000, '2s'],
  [5_000, '5s'],
  [10_000, '10s'],
  [20_000, '20s'],
  [30_000, '30s'],
  [60_000, '1m'],
  [120_000, '2m'],
  [300_000, '5m'],
  [600_000, '10m'],
  [1_800_000, '30m'],
  [3_600_000, '1h'],
  [14_400_000, '4h'],
  [43_200_000, '12h'],
  [86_400_000, '1d'],
  [864_000_000, '10d'],
  [8_640_000_000, '100d'],
]
const ROUND = new Set(['1s', '1m', '1h', '1d', '10s', '10m', '30s', '5m'])
/** The scale covers at most this factor; a shorter limit is a stump at the left. */
const SPAN = 40
/** Different times end at least this far apart, and labels too, in pixels. */
const APART = 12
const LABEL = 34

export class Scale {
  readonly #low: number
  readonly #high: number
  readonly #room: number
  readonly #ends = new Map<number, number>()

  /** `room`: pixels for the longest bar. */
  constructor(rungs: readonly Rung[], room: number) {
    const times = rungs.flatMap(rung => [
      rung.limit.kind === 'after' ? rung.limit.ms : 0,
      rung.latest_ms ?? 0,
    ])
    const positive = [...new Set(times.filter(ms => ms > 0))].sort((a, b) => a - b)
    this.#high = positive.at(-1) ?? 60_000
    this.#low = Math.max((positive[0] ?? 1_000) / 2, this.#high / SPAN)
    this.#room = room
    this.#spread(positive)
  }

  /** Where a time ends. */
  at(ms: number): number {
    return this.#ends.get(ms) ?? this.#position(ms)
  }

  ticks(): { at: number; label: string }[] {
    const out: { at: number; label: string }[] = []
    const inOrder = [
      ...TICKS.filter(([, label]) => ROUND.has(label)),
      ...TICKS.filter(([, label]) => !ROUND.has(label)),
    ]
    for (const [ms, label] of inOrder) {
      if (ms < this.#low || ms > this.#high) continue
      const at = this.#position(ms)
      if (out.every(other => Math.abs(other.at - at) >= LABEL)) out.push({ at, label })
    }
    return out
  }

  #position(ms: number): number {
    const share = Math.log(ms / this.#low) / Math.log(this.#high / this.#low)
    return Math.min(1, Math.max(0, share)) * this.#room
  }

  /** To the right first, and back from the edge where that went over it. */
  #spread(times: readonly number[]): void {
    const ends = times.map(ms => this.#position(ms))
    let least = 2
    ends.forEach((end, index) => {
      ends[index] = Math.max(end, least)
      least = (ends[index] ?? 0) + APART
    })
    let most = this.#room
    for (let index = ends.length - 1; index >= 0; index -= 1) {
      ends[index] = Math.min(ends[index] ?? 0, most)
      most = (ends[index] ?? 0) - APART
    }
    times.forEach((ms, index) => this.#ends.set(ms, ends[index] ?? 0))
  }
}
