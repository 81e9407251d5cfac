/**
 * The one place that talks to WebAssembly. The module imports nothing, so all it can do is answer:
 * a JSON request goes in, a JSON answer comes out, and no state stays behind.
 */

import type { Ops } from './answers'

/** The core understood the request and says why it cannot answer. The text is for people. */
export class Refusal extends Error {}

/** The core broke down on the request; a new instance is in place already. */
export class Breakdown extends Error {}

interface Exports {
  readonly memory: WebAssembly.Memory
  alloc(length: number): number
  call(pointer: number, length: number): bigint
  free(pointer: number, length: number): void
}

/** Memory of an instance never shrinks. Beyond this it is replaced when it has answered. */
const MOST_MEMORY = 256 * 1024 * 1024

export class Core {
  readonly #module: WebAssembly.Module
  #exports: Exports
  /** How often an instance had to be thrown away after a breakdown. */
  breakdowns = 0

  private constructor(module: WebAssembly.Module) {
    this.#module = module
    this.#exports = this.#instance()
  }

  static async start(bytes: Uint8Array<ArrayBuffer>): Promise<Core> {
    const module = await WebAssembly.compile(bytes)
    const imports = WebAssembly.Module.imports(module)
    if (imports.length > 0) throw new Error('the core asks for imports; it must have none')
    return new Core(module)
  }

  /** What the core could reach outside of itself; shown to people as a proof. */
  get imports(): number {
    return WebAssembly.Module.imports(this.#module).length
  }

  ask<Op extends keyof Ops>(op: Op, request: Ops[Op]['request']): Ops[Op]['answer'] {
    const answer = JSON.parse(this.#call(JSON.stringify({ op, ...request }))) as
      { ok: true } | { ok: false; error: string }
    if (!answer.ok) throw new Refusal(answer.error)
    return answer as unknown as Ops[Op]['answer']
  }

  #call(request: string): string {
    try {
      const bytes = new TextEncoder().encode(request)
      const { alloc, call, free, memory } = this.#exports
      const pointer = alloc(bytes.length)
      // A view is made anew after each call: memory may have grown, and old views are then empty.
      new Uint8Array(memory.buffer, pointer, bytes.length).set(bytes)
      const packed = BigInt.asUintN(64, call(pointer, bytes.length))
      const start = Number(packed >> 32n)
      const length = Number(packed & 0xffff_ffffn)
      const answer = new TextDecoder().decode(new Uint8Array(memory.buffer, start, length))
      free(start, length)
      if (memory.buffer.byteLength > MOST_MEMORY) this.#exports = this.#instance()
      return answer
    } catch (error) {
      this.breakdowns += 1
      this.#exports = this.#instance()
      const words = error instanceof Error ? error.message : String(error)
      throw new Breakdown(`the core broke down (${words}); a new one has taken its place`)
    }
  }

  #instance(): Exports {
    return new WebAssembly.Instance(this.#module, {}).exports as unknown as Exports
  }
}
