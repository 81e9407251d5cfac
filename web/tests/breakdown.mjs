// When the core breaks down, a new one takes its place, and a person is told.

import { example, match, text } from './lib/check.mjs'

/** Runs before the page's own script: an instance that traps once, when it is told to. */
function trapping() {
  const Instance = WebAssembly.Instance
  WebAssembly.Instance = function (module, imports) {
    const { call, ...exports } = new Instance(module, imports).exports
    const trapped = (pointer, length) => {
      if (!globalThis.trapNext) return call(pointer, length)
      globalThis.trapNext = false
      throw new WebAssembly.RuntimeError('unreachable')
    }
    return { exports: { ...exports, call: trapped } }
  }
}

async function replaced(lab) {
  const opened = await lab.open({ before: trapping })
  const { app } = opened
  await example(app)
  await app.evaluate(() => {
    globalThis.trapNext = true
  })
  await app.locator('.stage > .editor .cm-content').press('Control+End')
  await app.locator('.stage > .editor .cm-content').pressSequentially('#')
  await app.waitForFunction(() => document.querySelector('.tally')?.textContent?.includes('broke down'))
  match(await text(app, '.tally'), /broke down/)
  await app.locator('.stage > .editor .cm-content').pressSequentially(' again')
  await app.waitForFunction(() => document.querySelector('.tally')?.textContent?.includes('3 errors'))
  await app.getByRole('button', { name: /see the proof/ }).click()
  match(await text(app, 'dialog'), /Breakdowns of the core ✓ 1, each replaced/)
  lab.quiet(opened)
}

export default { 'a new core takes the place of a broken one': replaced }
