/** The page that sends nothing. */

import { start } from './start'

start()
