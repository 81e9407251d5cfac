/** What a file is, in the core's words and in words for people. */

const CONFIGURATION: Readonly<Record<string, string>> = {
  nginx: 'nginx',
  'nginx-dump': 'dump of nginx -T',
  'fpm-main': 'PHP-FPM, main',
  'fpm-pool': 'PHP-FPM, pool',
  'fpm-dump': 'dump of php-fpm -tt',
  'php-ini': 'php.ini',
  'user-ini': '.user.ini',
  facts: 'facts about the machine',
}

const LOGS: Readonly<Record<string, string>> = {
  'nginx-error': 'log: nginx errors',
  'nginx-access': 'log: nginx access',
  fpm: 'log: PHP-FPM',
  'fpm-access': 'log: PHP-FPM access',
  'fpm-slow': 'log: PHP-FPM slow',
  'php-error': 'log: PHP errors',
  kernel: 'log: kernel',
  syslog: 'log: syslog',
  'journal-json': 'log: journal',
  'journal-export': 'log: journal',
  docker: 'log: Docker',
  cri: 'log: Kubernetes',
  compose: 'log: Docker Compose',
}

/** The core could not tell what a file is, so nothing is said about it. */
export const UNKNOWN = 'unknown'
export const FACTS = 'facts'
/** What people call the file of facts, and `badgateway facts` writes. */
export const FACTS_NAME = 'host.toml'

export function kindLabel(kind: string): string {
  return CONFIGURATION[kind] ?? LOGS[kind] ?? 'not recognised'
}

export function isLog(kind: string): boolean {
  return Object.hasOwn(LOGS, kind)
}

export type Language = 'nginx' | 'properties' | 'none'

export function languageOf(kind: string): Language {
  if (kind.startsWith('nginx') && !isLog(kind)) return 'nginx'
  return isLog(kind) || kind === UNKNOWN ? 'none' : 'properties'
}
