// The page is two documents, one inside the other.
//
// The outer one holds no script at all. It states the policy and an `<iframe sandbox srcdoc>`, and
// that frame is what keeps script in it from leaving by address: a policy alone stops neither
// `location = …` nor `window.open`. The inner document is the program. It inherits the policy, and
// states it once more, so that it is confined even when somebody takes it out of its frame.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The policy in force, as the `content` of a meta element. */
export function policy({ js, appCss, shellCss }) {
  return [
    "default-src 'none'",
    `script-src ${hash(js)} 'wasm-unsafe-eval'`,
    `style-src ${hash(appCss)} ${hash(shellCss)}`,
    'img-src data:',
    "connect-src 'none'",
    "frame-src 'none'",
    "worker-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

/** The whole file. */
export function page(folder, parts, rules) {
  const template = name => readFileSync(join(folder, 'src', name), 'utf8')
  const inner = fill(squeeze(template('app.html')), {
    policy: rules,
    css: parts.appCss,
    examples: parts.examples,
    core: parts.core,
    js: parts.js,
  })
  return fill(squeeze(template('shell.html')), {
    policy: rules,
    css: parts.shellCss,
    app: forAttribute(inner),
  })
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
