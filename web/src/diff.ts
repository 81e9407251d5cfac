/** What differs between two texts, by lines, and within lines that were changed. */

export interface Row {
  readonly sign: ' ' | '-' | '+'
  /** Numbers of the line in the old and in the new text, from 1; 0 where it is not. */
  readonly old: number
  readonly new: number
  readonly text: string
}

/** More differences than this are not looked for one by one; the time would grow with their square. */
const MOST_EDITS = 1500

export function diffLines(before: string, after: string): Row[] {
  const [a, b] = [linesOf(before), linesOf(after)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let [endA, endB] = [a.length, b.length]
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1
    endB -= 1
  }
  const kept = shortest(a.slice(start, endA), b.slice(start, endB))
  const out: Row[] = []
  const keep = (at: number, by: number): void => {
    out.push({ sign: ' ', old: at + 1, new: by + 1, text: a[at] ?? '' })
  }
  for (let at = 0; at < start; at += 1) keep(at, at)
  let [x, y] = [start, start]
  for (const [keptA, keptB] of [
    ...kept.map(([p, q]) => [p + start, q + start] as const),
    [endA, endB] as const,
  ]) {
    for (; x < keptA; x += 1) out.push({ sign: '-', old: x + 1, new: 0, text: a[x] ?? '' })
    for (; y < keptB; y += 1) out.push({ sign: '+', old: 0, new: y + 1, text: b[y] ?? '' })
    if (keptA < endA && keptB < endB) {
      keep(x, y)
      x += 1
      y += 1
    }
  }
  for (let at = endA; at < a.length; at += 1) keep(at, at - endA + endB)
  return out
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  // A line feed ends a line; behind the last one there is none.
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Pairs of equal lines along a shortest way (Myers, 1986); none when the texts differ too much. */
function shortest(a: readonly string[], b: readonly string[]): [number, number][] {
  const most = Math.min(a.length + b.length, MOST_EDITS)
  const width = most + 1
  let ends = new Int32Array(2 * width + 1)
  const history: Int32Array[] = []
  for (let edits = 0; edits <= most; edits += 1) {
    history.push(ends.slice())
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && (ends[width + k - 1] ?? 0) < (ends[width + k + 1] ?? 0))
      let x = down ? (ends[width + k + 1] ?? 0) : (ends[width + k - 1] ?? 0) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1
      ends[width + k] = x
      if (x >= a.length && x - k >= b.length) return back(history, a.length, b.length, width)
    }
  }
  return []
}

function back(history: readonly Int32Array[], endX: number, endY: number, width: number): [number, number][] {
  const out: [number, number][] = []
  let [x, y] = [endX, endY]
  for (let edits = history.length - 1; edits >= 0; edits -= 1) {
    const ends = history[edits]
    const k = x - y
    const left = ends?.[width + k - 1] ?? 0
    const right = ends?.[width + k + 1] ?? 0
    const down = k === -edits || (k !== edits && left < right)
    const fromX = edits === 0 ? 0 : down ? right : left
    const fromY = edits === 0 ? 0 : fromX - (down ? k + 1 : k - 1)
    while (x > fromX && y > fromY) {
      x -= 1
      y -= 1
      out.push([x, y])
    }
    ;[x, y] = [fromX, fromY]
  }
  return out.reverse()
}

/** Where two similar lines begin and end to differ, at the borders of words. */
export function changedPart(before: string, after: string): { from: number; before: number; after: number } {
  const [a, b] = [before.match(WORDS) ?? [], after.match(WORDS) ?? []]
  let start = 0
  let from = 0
  while (start < a.length && start < b.length && a[start] === b[start]) from += a[start++]?.length ?? 0
  let [endA, endB] = [a.length, b.length]
  let cut = 0
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    cut += a[endA - 1]?.length ?? 0
    endA -= 1
    endB -= 1
  }
  return { from, before: before.length - cut, after: after.length - cut }
}

const WORDS = /\w+|\s+|[^\w\s]/g
