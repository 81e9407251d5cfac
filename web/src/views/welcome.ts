/** The first thing that is seen: what this is, that nothing leaves it, and three ways in. */

import type { App } from '../app'
import type { Actor, Fate, Ladder, Rung } from '../core/answers'
import { button, h, replace } from '../dom'
import { chooseFiles } from '../intake/drop'
import { visible } from '../paths'
import { promise } from '../promise'
import { copyButton, note } from './parts'
import { LINES, lineIcon } from './icons'
import { ladderImage } from './ladder'

const COLLECT = `nginx -T > nginx.txt 2>&1
php-fpm8.2 -tt > php-fpm.txt 2>&1     # your version
cp /etc/php/8.2/fpm/php.ini .
cp /var/log/nginx/error.log /var/log/php8.2-fpm.log .`

const FOLDERS = 'tar czf stack.tar.gz /etc/nginx /etc/php /var/log/nginx/error.log'

/** What such a drawing looks like; nobody's server. */
const SAMPLE: Ladder = {
  routes: ['an example'],
  target: '',
  pool: null,
  rungs: [
    sampleRung('nginx', 'fastcgi_read_timeout', 60_000, true),
    sampleRung('fpm', 'request_terminate_timeout', undefined, false),
    sampleRung('php', 'max_execution_time', 300_000, false),
  ],
  sleeping: sampleFate(),
  busy: sampleFate(),
}

function sampleRung(actor: Actor, name: string, ms: number | undefined, ends: boolean): Rung {
  const limit = ms === undefined ? ({ kind: 'off' } as const) : ({ kind: 'after', ms } as const)
  return { actor, name, limit, measures: '', origin: null, ends_sleeping: ends, ends_busy: ends }
}

function sampleFate(): Fate {
  return { earliest_ms: 60_000, latest_ms: 60_000, status: '504', log_name: '', log_line: '', note: '' }
}

export interface Ways {
  readonly paste: () => void
  readonly example: (withLogs: boolean) => void
  readonly proof: () => void
}

export function welcomeView(app: App, ways: Ways): HTMLElement {
  const trouble = h('div', {})
  app.on('skips', skips => {
    const items = skips
      .slice(-5)
      .map(({ name, why }) => h('li', {}, h('code', {}, visible(name)), `: ${why}`))
    replace(
      trouble,
      skips.length > 0 && note('unknown', h('b', {}, 'Nothing could be read:'), h('ul', {}, items)),
    )
  })
  return h(
    'section',
    { class: 'welcome', 'aria-labelledby': 'welcome' },
    trouble,
    h(
      'div',
      { class: 'hero' },
      h(
        'div',
        {},
        h('h2', { id: 'welcome' }, 'Why does nginx answer 502 or 504 for PHP-FPM?'),
        h(
          'p',
          { class: 'lead' },
          'Give this page the configuration of nginx, PHP-FPM and PHP, and log lines if you have them: it draws who gives up first, says what is wrong and why, and edits it.',
        ),
        h(
          'p',
          { class: 'promise' },
          lineIcon(LINES.shield),
          h(
            'span',
            {},
            h('b', {}, `${promise.short}.`),
            promise.why,
            button('See what makes sure of that', ways.proof, { class: 'link' }),
          ),
        ),
      ),
      h(
        'figure',
        { 'aria-hidden': 'true' },
        ladderImage(SAMPLE, 400),
        h('figcaption', {}, 'nginx answers 504 after a minute, and PHP goes on for nobody.'),
      ),
    ),
    h(
      'div',
      { class: 'ways' },
      h(
        'div',
        { class: 'way first' },
        h('h3', {}, 'Drop or paste'),
        h(
          'p',
          {},
          'Drop files, a folder such as ',
          h('code', {}, '/etc/nginx'),
          ', or a .tar.gz or .zip anywhere on this page; or press ',
          h('kbd', {}, 'Ctrl'),
          '+',
          h('kbd', {}, 'V'),
          '.',
        ),
        h('p', { class: 'actions' }, button('Paste or type a text', ways.paste)),
      ),
      h(
        'div',
        { class: 'way' },
        h('h3', {}, 'Open'),
        h(
          'p',
          {},
          'Choose them. Browsers may ask whether to “upload” a folder: they mean giving it to this page.',
        ),
        h(
          'p',
          { class: 'actions' },
          button('Open files', () => chooseFiles(app, false)),
          button('Open a folder', () => chooseFiles(app, true)),
        ),
      ),
      h(
        'div',
        { class: 'way' },
        h('h3', {}, 'Look at an example'),
        h('p', {}, 'A server that answers 504, and the logs of a night in which its workers were killed.'),
        h(
          'p',
          { class: 'actions' },
          button('A broken stack', () => ways.example(false)),
          button('Its bad night', () => ways.example(true)),
        ),
      ),
    ),
    h(
      'details',
      { class: 'collect' },
      h('summary', {}, 'What to take from the server'),
      h('p', {}, 'Dumps are best: they show what is in force. As root:'),
      h('pre', { tabindex: 0 }, COLLECT),
      copyButton(app, () => COLLECT, 'the commands'),
      h('p', {}, 'Or everything in one archive:'),
      h('pre', { tabindex: 0 }, FOLDERS),
      copyButton(app, () => FOLDERS, 'the command'),
    ),
  )
}
