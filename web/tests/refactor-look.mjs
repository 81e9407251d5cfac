// The page that asks a model, looked at: axe in light and dark, a phone, keys.

import { equal, match, ok } from './lib/check.mjs'
import { audit } from './access.mjs'
import { Asking, courierOf, prepare, sendWith, verdict } from './lib/asking.mjs'
import { OLD, RIGHT, edits } from './lib/planted.mjs'
import { error } from './lib/providers.mjs'

const FORBIDDEN = ['listen 80;', 'listen 81;']

async function everywhere(lab, colorScheme) {
  const asking = await Asking.of(lab)
  asking.providers.play((_, n) => (n === 2 ? error(429, 'slow down') : edits([OLD, RIGHT], FORBIDDEN)))
  const opened = await asking.open({ colorScheme })
  const { app, page } = opened
  const look = async name => {
    await audit(app, `${colorScheme}, ${name}`)
    await lab.picture(opened, `refactor-${colorScheme}-${name}`)
  }
  await app.locator('#tab-ask').click()
  await look('form')
  const courier = await prepare(opened, 'anthropic')
  await look('question')
  await audit(page.mainFrame(), `${colorScheme}, the outer document`)
  await audit(courier, `${colorScheme}, the courier`)
  await app.getByRole('button', { name: /^Send to/ }).click()
  await audit(courier, `${colorScheme}, the courier waits`)
  await look('waiting')
  await courier.getByRole('button', { name: 'Cancel' }).click()
  await app.locator('.ask .note').waitFor()
  await sendWith(opened, courier)
  await app.getByRole('heading', { name: /second question/ }).waitFor()
  await look('second')
  await sendWith(opened, courier, null)
  match(await verdict(opened), /1 edit of the model taken, 1 not taken/)
  await look('verdict')
  await app.getByRole('button', { name: 'Ask anew' }).click()
  await prepare(opened, 'anthropic')
  await sendWith(opened, courier, null)
  await verdict(opened)
  await look('trouble')
  await app.getByRole('button', { name: /see the proof/ }).click()
  await look('proof')
}

/** The courier has the colours that were chosen for the page. */
async function colours(lab) {
  const asking = await Asking.of(lab)
  const opened = await asking.open({ colorScheme: 'light' })
  const paper = frame => frame.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const courier = await prepare(opened, 'openai')
  const light = await paper(courier)
  await opened.app.getByRole('button', { name: 'Light or dark' }).click()
  await opened.page.waitForTimeout(200)
  ok((await paper(courier)) !== light)
}

async function phone(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => edits([OLD, RIGHT]))
  const opened = await asking.open({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true })
  const { app, page } = opened
  const fits = async where => {
    for (const frame of page.frames()) {
      const [wide, window] = await frame.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
      ok(wide <= window, `${where}: ${wide} pixels in a window of ${window}`)
    }
    await lab.picture(opened, `refactor-phone-${where}`)
  }
  await app.locator('#tab-ask').tap()
  await fits('form')
  const courier = await prepare(opened, 'gemini')
  await fits('question')
  const small = await courier.evaluate(() =>
    [...document.querySelectorAll('button, input')]
      .filter(one => one.checkVisibility())
      .map(one => one.getBoundingClientRect())
      .filter(box => box.height < 24 || box.width < 24),
  )
  equal(small.length, 0, 'large enough for fingers')
  await sendWith(opened, courier)
  await verdict(opened)
  await fits('verdict')
  const [whole, courierHigh] = await page.mainFrame().evaluate(() => [
    innerHeight,
    document.querySelectorAll('iframe')[1].getBoundingClientRect().height,
  ])
  ok(courierHigh < whole / 3, `the courier takes ${courierHigh} of ${whole}`)
  asking.quiet(opened, ['https://generativelanguage.googleapis.com'])
}

/** All of it without a mouse. */
async function keyboard(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => edits([OLD, RIGHT]))
  const opened = await asking.open()
  const { app, page } = opened
  await app.locator('#tab-findings').focus()
  await page.keyboard.press('6')
  equal(await app.locator('#tab-ask').getAttribute('aria-selected'), 'true')
  await app.locator('#ask-model').focus()
  await page.keyboard.type('m-1')
  await page.keyboard.press('Enter')
  const courier = await courierOf(opened, 'anthropic')
  await app.locator('.ask .bytes').first().waitFor()
  equal(await app.evaluate(() => document.activeElement.id), 'ask-title', 'the focus is where to read')
  await app.getByRole('button', { name: /^Send to/ }).focus()
  await page.keyboard.press('Enter')
  await courier.waitForFunction(() => /wait for the key/.test(document.querySelector('.state').textContent))
  await app.getByRole('button', { name: 'Cancel' }).focus()
  // Forward through the page, and at its end into the courier.
  for (let presses = 0; presses < 40; presses += 1) {
    if (await courier.evaluate(() => document.hasFocus() && document.activeElement.id === 'key')) break
    await page.keyboard.press('Tab')
  }
  await page.keyboard.type('sk-test-4f9a1c77e2-Zq')
  await page.keyboard.press('Enter')
  match(await verdict(opened), /1 edit of the model taken/)
}

export default {
  'axe and pictures, light': lab => everywhere(lab, 'light'),
  'axe and pictures, dark': lab => everywhere(lab, 'dark'),
  'colours of the courier': colours,
  'on a phone': phone,
  'without a mouse': keyboard,
}
