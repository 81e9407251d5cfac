// axe-core on every view, light and dark. Nothing serious or critical may be left.

import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

import { equal, example } from './lib/check.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export async function audit(frame, where) {
  await frame.evaluate(`if (!globalThis.axe) { ${axe}\n; globalThis.axe = axe }`)
  const found = await frame.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'], iframes: false })
    return violations
      .filter(one => ['serious', 'critical'].includes(one.impact))
      .map(
        one =>
          `${one.id}: ${one.nodes
            .map(node => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`)
            .slice(0, 4)
            .join(' | ')}`,
      )
  })
  equal(found.join('\n'), '', where)
}

async function everywhere(lab, colorScheme) {
  const opened = await lab.open({ colorScheme })
  const { page, app } = opened
  const look = name => audit(app, `${colorScheme}, ${name}`)
  await audit(page.mainFrame(), `${colorScheme}, the outer document`)
  await look('first screen')
  await app.locator('.collect summary').click()
  await look('what to collect')
  await example(app)
  await app.locator('.chip.info').click()
  await app.locator('.finding-head').first().click()
  await look('findings')
  await lab.picture(opened, `${colorScheme}-findings`)
  for (const view of ['chain', 'fix', 'redact', 'logs']) {
    await app.locator(`#tab-${view}`).click()
    if (view === 'fix') await app.locator('#unsafe').check()
    if (view === 'chain') await app.locator('.ladder-card summary').first().click()
    await app.waitForTimeout(200)
    await look(view)
    await lab.picture(opened, `${colorScheme}-${view}`)
  }
  await app.locator('#tab-findings').click()
  await app.getByRole('button', { name: 'Show the change' }).first().click()
  await look('a change')
  await lab.picture(opened, `${colorScheme}-change`)
  await app.getByRole('button', { name: 'Not now' }).click()
  await app
    .getByRole('button', { name: /Why it matters/ })
    .first()
    .click()
  await look('a page of a rule')
  await lab.picture(opened, `${colorScheme}-explain`)
  await page.keyboard.press('Escape')
  await app.getByRole('button', { name: /see the proof/ }).click()
  await app.waitForTimeout(300)
  await look('the proof')
  await page.keyboard.press('Escape')
  await app.getByRole('button', { name: 'Help and keys' }).click()
  await look('help')
  await lab.picture(opened, `${colorScheme}-help`)
  await page.keyboard.press('Escape')
  await app.getByRole('button', { name: 'Add files' }).click()
  await look('a menu')
}

async function night(lab, colorScheme) {
  const opened = await lab.open({ colorScheme })
  await example(opened.app, true)
  for (const summary of await opened.app.locator('#panel-logs summary').all()) await summary.click()
  await audit(opened.app, `${colorScheme}, logs`)
  await lab.picture(opened, `${colorScheme}-night`)
}

/** The switch turns what the system prefers. */
async function switched(lab) {
  const opened = await lab.open({ colorScheme: 'light' })
  const paper = () => opened.app.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await paper()
  await opened.app.getByRole('button', { name: 'Light or dark' }).click()
  const dark = await paper()
  equal(dark === light, false)
  await opened.app.getByRole('button', { name: 'Light or dark' }).click()
  equal(await paper(), light)
  lab.quiet(opened)
}

export default {
  'axe, light': lab => everywhere(lab, 'light'),
  'axe, dark': lab => everywhere(lab, 'dark'),
  'axe, a night in light': lab => night(lab, 'light'),
  'axe, a night in dark': lab => night(lab, 'dark'),
  'light and dark by the switch': switched,
}
