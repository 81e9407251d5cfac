/** Who wants to know of what happens in the page. */

export class Events<Map> {
  readonly #listeners = new Map<keyof Map, ((value: never) => void)[]>()

  on<Name extends keyof Map>(name: Name, listener: (value: Map[Name]) => void): void {
    const all = this.#listeners.get(name) ?? []
    this.#listeners.set(name, [...all, listener])
  }

  emit<Name extends keyof Map>(name: Name, value: Map[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(value as never)
  }
}
