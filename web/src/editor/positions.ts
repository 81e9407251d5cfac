/**
 * From the core's byte offsets to the editor's positions. The editor counts a line break as one,
 * however many bytes it has in the file.
 */

import { Offsets } from '../text'
import type { VirtualFile } from '../workspace'

/** A file is written with CRLF when every line break is one; otherwise a CR is a letter. */
export function lineBreak(text: string): '\n' | '\r\n' {
  return text.includes('\r\n') && !/(?:^|[^\r])\n/.test(text) ? '\r\n' : '\n'
}

export class Positions {
  readonly #offsets: Offsets
  readonly #length: number
  /** Where the breaks are, when they are longer than one. */
  readonly #breaks: readonly number[]

  constructor(file: VirtualFile) {
    this.#offsets = new Offsets(file.text, file.encoding)
    this.#length = file.text.length
    this.#breaks =
      lineBreak(file.text) === '\r\n' ? Array.from(file.text.matchAll(/\n/g), found => found.index) : []
  }

  at(byte: number): number {
    const unit = Math.min(this.#offsets.at(byte), this.#length)
    let low = 0
    let high = this.#breaks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#breaks[middle] ?? 0) < unit) low = middle + 1
      else high = middle
    }
    return unit - low
  }
}
