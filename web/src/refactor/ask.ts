/** Asking a model: choose, read what would be sent, send it, and look at what came of it. */

import type { App } from '../app'
import type { Provider, RefactorAnswer } from '../core/refactoring'
import { PROVIDERS, type FromCourier } from '../courier/messages'
import { WORDS } from '../courier/words'
import { button, count, h, replace, type Child } from '../dom'
import { note } from '../views/parts'
import { outcome } from './outcome'
import { preview } from './preview'
import { Question } from './question'
import { Relay } from './relay'

const MODELS: Readonly<Record<Provider, string>> = {
  anthropic: 'claude-…',
  openai: 'gpt-…',
  gemini: 'gemini-…',
  openrouter: 'vendor/model',
  local: 'as the server calls it',
}

export function askView(app: App): HTMLElement {
  const relay = new Relay()
  const body = h('div', {})
  const state = h('p', { class: 'lead', role: 'status' })
  let question: Question | undefined
  let underWay = false

  const provider = h(
    'select',
    { id: 'ask-provider', onchange: chosen },
    PROVIDERS.map(name => h('option', { value: name }, WORDS[name].name)),
  )
  const model = h('input', {
    type: 'text',
    id: 'ask-model',
    size: 26,
    autocomplete: 'off',
    spellcheck: 'false',
    onkeydown: event => {
      if (event.key === 'Enter') prepare()
    },
  })
  const identity = h('input', { type: 'checkbox', id: 'ask-identity', checked: true })
  const form = h(
    'div',
    {},
    h(
      'p',
      {},
      'A model may propose edits where badgateway knows none. You see every byte before it is sent; what comes back is only a proposal, and the rules decide.',
    ),
    h('p', { class: 'field' }, h('label', { for: 'ask-provider' }, 'Whom'), provider),
    h('p', { class: 'field' }, h('label', { for: 'ask-model' }, 'Which model'), model),
    h(
      'p',
      { class: 'field' },
      identity,
      h('label', { for: 'ask-identity' }, 'hide names of hosts, addresses and people too'),
    ),
    h(
      'p',
      { class: 'actions' },
      button('Show what would be sent', prepare, { class: 'main' }),
      h('span', { class: 'quiet' }, 'Nothing is sent by this.'),
    ),
  )

  function choice(): Provider {
    return PROVIDERS[provider.selectedIndex] ?? 'local'
  }

  function chosen(): void {
    model.placeholder = MODELS[choice()]
    // Another provider has no business with this one's key.
    if (relay.provider !== choice()) relay.close()
  }

  function prepare(): void {
    const name = model.value.trim()
    if (name === '') {
      replace(body, form, note('warning', 'Say which model: its provider lists their names.'))
      return model.focus()
    }
    replace(state, 'Looking for the courier …')
    relay.open(choice(), message => heard(message))
  }

  function begin(base: string): void {
    replace(state)
    if (question) return
    question = new Question(app, {
      provider: choice(),
      model: model.value.trim(),
      base,
      identity: identity.checked,
    })
    advance()
  }

  /** To what comes next: a question to be read, or the end. */
  function advance(): void {
    const asked = question
    if (!asked) return
    let answer: RefactorAnswer
    try {
      answer = asked.ask()
    } catch (error) {
      question = undefined
      return show(form, note('unknown', error instanceof Error ? error.message : String(error)))
    }
    replace(state)
    if (answer.step === 'done') {
      return show(outcome(app, asked, answer, { again: () => again(asked), over }))
    }
    const { request } = answer
    const send = (): void => {
      underWay = true
      sending('Handing it to the courier …')
      relay.send(request)
    }
    const not = (): void => {
      if (asked.round === 1) return over()
      asked.stop()
      advance()
    }
    show(preview(answer, asked.round, { send, not }))
  }

  function again(asked: Question): void {
    asked.forgetLast()
    advance()
  }

  function over(): void {
    question = undefined
    replace(state)
    show(form)
  }

  function heard(message: FromCourier): void {
    switch (message.kind) {
      case 'hello':
        return begin(message.base)
      case 'waiting':
        return sending('The courier, below, waits for your key.')
      case 'sending':
        return sending('Sent. Waiting for an answer …')
      case 'progress':
        return void replace(state, `${count(message.bytes, 'byte')} of an answer …`)
      case 'reply':
        // An answer to nothing is none.
        if (!underWay) return
        underWay = false
        question?.answered(message.reply)
        return advance()
      case 'failed':
        underWay = false
        replace(state)
        if (!question) return show(form, failed(message.words, message.help))
        advance()
        body.prepend(failed(message.words, message.help))
    }
  }

  function failed(words: string, help: string): HTMLElement {
    return note('unknown', h('p', {}, h('b', {}, words)), help && h('p', {}, help))
  }

  function sending(text: string): void {
    replace(state, text)
    replace(body, h('p', { class: 'actions' }, button('Cancel', () => relay.cancel())))
  }

  function show(...content: Child[]): void {
    replace(body, ...content)
    if (app.view === 'ask') document.getElementById('ask-title')?.focus()
  }

  chosen()
  show(form)
  return h('div', { class: 'view ask' }, state, body)
}
