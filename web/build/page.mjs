// A page is two documents, one inside the other.
//
// The outer one holds no script at all. It states the policy and an `<iframe sandbox srcdoc>`, and
// that frame is what keeps script in it from leaving by address: a policy alone stops neither
// `location = …` nor `window.open`. The inner document is the program. It inherits the policy, and
// states it once more, so that it is confined even when somebody takes it out of its frame.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A policy, as the `content` of a meta element: these scripts and style sheets, and nothing else.
 * `connect` is the one address that script may speak to, `frame` what may stand in a frame.
 */
export function policy({ scripts, sheets, wasm = false, connect = "'none'", frame = "'none'" }) {
  return [
    "default-src 'none'",
    `script-src ${scripts.map(hash).join(' ')}${wasm ? " 'wasm-unsafe-eval'" : ''}`,
    `style-src ${sheets.map(hash).join(' ')}`,
    'img-src data:',
    `connect-src ${connect}`,
    `frame-src ${frame}`,
    "worker-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

/** The page that works alone. One policy fits both of its documents. */
export function page(folder, { js, appCss, shellCss, ...more }) {
  const rules = policy({ scripts: [js], sheets: [appCss, shellCss], wasm: true })
  const app = forAttribute(inner(folder, rules, appCss, js, more))
  return document(folder, 'shell.html', { policy: rules, css: shellCss, app })
}

/**
 * The page that can ask a model: the same, and around it a document that shows couriers. The inner
 * one inherits the policy of the outer one, so that has both scripts; of its own it allows one.
 */
export function refactorPage(folder, { js, broker, appCss, shellCss, ...more }) {
  const sheets = [appCss, shellCss]
  const vault = policy({ scripts: [js], sheets, wasm: true })
  const around = policy({ scripts: [js, broker], sheets, wasm: true, frame: "'self'" })
  const app = forAttribute(inner(folder, vault, appCss, js, more))
  return document(folder, 'refactor/shell.html', { policy: around, css: shellCss, app, broker })
}

/** A courier: the same script for all, and another address in the policy. */
export function courierPage(folder, { js, css }, provider, origin) {
  const rules = policy({ scripts: [js], sheets: [css], connect: origin })
  return document(folder, 'courier/courier.html', { policy: rules, css, js, provider })
}

function inner(folder, rules, css, js, { examples, core }) {
  return document(folder, 'app.html', { policy: rules, css, examples, core, js })
}

function document(folder, name, values) {
  return fill(squeeze(readFileSync(join(folder, 'src', name), 'utf8')), values)
}

/** Replaces `{{name}}`; a function, because `$&` in a replacement text would mean something. */
function fill(text, values) {
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name) => {
    if (!(name in values)) throw new Error(`nothing to put for ${whole}`)
    return values[name]
  })
}

/** Single quotes hold the attribute: the bundle has far more double ones. */
function forAttribute(html) {
  return html.replaceAll('&', '&amp;').replaceAll("'", '&#39;')
}

/** Indentation and comments of the templates are for people who read the sources. */
function squeeze(html) {
  return html
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/\n\s*/g, '\n')
    .trim()
}

function hash(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
