/** Times in words. */

import type { Fate, Limit } from './core/answers'

/** `1.5s`, `60s`, `2h`: as the configuration would write it, and never rounded. */
export function duration(ms: number): string {
  if (ms % 1000 !== 0) return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`
  const seconds = ms / 1000
  if (seconds < 600 || seconds % 60 !== 0) return `${seconds}s`
  if (seconds % 3600 !== 0) return `${seconds / 60}m`
  return seconds % 86400 === 0 ? `${seconds / 86400}d` : `${seconds / 3600}h`
}

export function limitText(limit: Limit): string {
  switch (limit.kind) {
    case 'after':
      return duration(limit.ms)
    case 'at_once':
      return 'at once'
    case 'off':
      return 'off'
    case 'unknown':
      return 'not known'
  }
}

/** What a client gets, and when. */
export function fateText(fate: Fate): string {
  const { status, earliest_ms: from, latest_ms: to } = fate
  if (status === 'none') return 'runs to its end: no limit stops it'
  if (from === null) return `${status}, when is not known`
  if (to === 0) return `${status} at once`
  if (to === null || from === to) return `${status} after ${duration(from)}`
  return `${status} between ${duration(from)} and ${duration(to)}`
}
