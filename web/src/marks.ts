/** Times that the tests read; nobody else does. */

export interface Mark {
  readonly name: string
  /** Milliseconds since the page began to load. */
  readonly at: number
}

export const marks: Mark[] = []

const MOST = 500

export function mark(name: string): void {
  if (marks.length < MOST) marks.push({ name, at: performance.now() })
}
