/** Files as one archive. */

import type { App } from './app'
import { writeTarGz, type Packed } from './archive/write-tar'
import { count } from './dom'
import { download } from './take-out'
import { encode } from './text'
import type { VirtualFile } from './workspace'

export type Selection = 'all' | 'changed' | 'redacted'

export async function downloadAll(app: App, selection: Selection): Promise<void> {
  try {
    const files = app.workspace.sorted.filter(file => selection !== 'changed' || file.text !== file.original)
    if (files.length === 0) return app.say('No file was changed, so there is nothing to download.')
    const packed = files.map(file => (selection === 'redacted' ? redacted(app, file) : plain(file)))
    download(`badgateway-${selection}.tar.gz`, await writeTarGz(packed))
    app.say(`Downloaded: ${count(packed.length, 'file')} as badgateway-${selection}.tar.gz`)
  } catch (error) {
    app.say(error instanceof Error ? error.message : String(error))
  }
}

function plain(file: VirtualFile): Packed {
  // A link stays one: unpacked over the server's files it must not become a copy.
  if (file.link !== null) return { path: file.path, bytes: new Uint8Array(), link: file.link }
  return { path: file.path, bytes: encode(file.text, file.encoding) }
}

function redacted(app: App, file: VirtualFile): Packed {
  if (file.link !== null) return plain(file)
  const text = app.redaction.text(file.path)
  return { path: file.path, bytes: encode(text, file.encoding) }
}
