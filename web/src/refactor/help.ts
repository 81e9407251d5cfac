/** What to do about trouble, in a browser: the core's own words speak of the command line. */

import type { Trouble } from '../core/refactoring'

const HELP: Readonly<Record<string, string>> = {
  key: 'The courier has forgotten the key: type it once more, or look where it comes from.',
  'not-found': 'Look at the name of the model.',
  browser: 'An administrator of the organization can allow browsers. `badgateway refactor` in a terminal is none.',
  'bad-request': 'The model may be one that takes no such request.',
  redirect: 'The address is not the right one: see `--llm` of `badgateway sandbox --serve`.',
  refusal: 'Nothing was sent. The view “Redact” shows what is hidden, and why.',
}

export function helpFor(trouble: Trouble): string {
  return HELP[trouble.kind] ?? trouble.help ?? ''
}
