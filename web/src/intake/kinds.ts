/** What a file is may change while somebody types; it is told anew when the typing rests. */

import type { App } from '../app'
import { FACTS, FACTS_NAME } from '../kinds'
import { baseName } from '../paths'
import { toCore, type VirtualFile } from '../workspace'

const REST_MS = 700

export function watchKinds(app: App): void {
  const told = new Map<string, string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  app.workspace.onChange(() => {
    clearTimeout(timer)
    timer = setTimeout(() => tell(app, told), REST_MS)
  })
}

function tell(app: App, told: Map<string, string>): void {
  const changed = app.workspace.sorted.filter(file => isNew(file, told))
  for (const file of changed) told.set(file.path, file.text)
  if (changed.length === 0) return
  const kinds = new Map<string, string>()
  for (const file of changed) kinds.set(file.path, kindOf(app, file))
  const differs = changed.some(file => kinds.get(file.path) !== file.kind)
  if (differs) app.workspace.setKinds(kinds)
}

/** What came in was told then; a text that has not changed since is what it was. */
function isNew(file: VirtualFile, told: ReadonlyMap<string, string>): boolean {
  return file.text !== (told.get(file.path) ?? file.original)
}

function kindOf(app: App, file: VirtualFile): string {
  if (baseName(file.path) === FACTS_NAME) return FACTS
  try {
    const { files } = app.core.ask('open', { files: [toCore(file)] })
    // A dump that was pasted into a file stays one file: it shows more, and would be many.
    return files.length === 1 && files[0] ? files[0].kind : file.kind
  } catch {
    return file.kind
  }
}
