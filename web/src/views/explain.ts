/** The page of a rule or a cause. */

import type { App } from '../app'
import { render } from '../markdown'
import { openDialog } from './dialog'
import { addressButton } from './parts'

export function explain(app: App, id: string): void {
  try {
    const { title, markdown } = app.core.ask('explain', { id })
    const page = render(markdown, (url, label) => addressButton(app, url, label))
    openDialog(title || id, page, 'sheet explain')
  } catch (error) {
    app.say(error instanceof Error ? error.message : String(error))
  }
}
