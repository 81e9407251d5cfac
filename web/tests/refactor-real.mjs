// A real llama.cpp, which nobody here wrote, asked from the browser.

import { text } from './lib/check.mjs'
import { Asking, prepare, sendWith } from './lib/asking.mjs'

/** A real llama.cpp, where LLAMA names one: what its small model says is long, and need not end. */
async function llama(lab) {
  if (!process.env.LLAMA) return 'skipped: LLAMA=http://127.0.0.1:PORT names none'
  const asking = await Asking.of(lab)
  const mock = asking.providers.local
  asking.providers.local = process.env.LLAMA
  const opened = await asking.open()
  const courier = await prepare(opened, 'local', 'default')
  await sendWith(opened, courier, null)
  const came = () => /[\d,]+ bytes of an answer|What became of it|second question/.test(document.body.innerText)
  await opened.app.waitForFunction(came, undefined, { timeout: 150_000 })
  const said = await text(courier, '.state')
  const cancel = opened.app.getByRole('button', { name: 'Cancel' })
  if (await cancel.isVisible()) {
    await cancel.click()
    await opened.app.locator('.ask .note').waitFor()
  }
  asking.providers.local = mock
  return said
}

export default { 'a real server': llama }
