/** What providers are called, and what it may mean when a browser gets nothing from one. */

import type { Provider } from '../core/refactoring'

export interface Words {
  readonly name: string
  /** What stands between the origin and the version in addresses. */
  readonly path: string
  readonly needsKey: boolean
  /** A browser does not tell script why nothing came: this is what it mostly is. */
  readonly silence: string
}

const NETWORK = 'Without a network, or where a firewall, a proxy or an extension refuses the address, it looks so.'

export const WORDS: Readonly<Record<Provider, Words>> = {
  anthropic: {
    name: 'Anthropic',
    path: '',
    needsKey: true,
    silence: `${NETWORK} So it does when your organization forbids browsers: an administrator can allow them, and badgateway refactor in a terminal is no browser.`,
  },
  openai: {
    name: 'OpenAI',
    path: '',
    needsKey: true,
    silence: `${NETWORK} OpenAI answers a wrong path, and so some models that it does not know, in a way that browsers show to nobody: look at the name of the model.`,
  },
  gemini: {
    name: 'Gemini',
    path: '',
    needsKey: true,
    silence: `${NETWORK} So it does for a model that Gemini does not know: look at its name.`,
  },
  openrouter: {
    name: 'OpenRouter',
    path: '/api',
    needsKey: true,
    silence: NETWORK,
  },
  local: {
    name: 'The server of this machine',
    path: '',
    needsKey: false,
    silence:
      'Is it running, and at this address? Ollama answers pages of this machine; others must be named in OLLAMA_ORIGINS. A server that does not speak to browsers at all looks the same.',
  },
}
