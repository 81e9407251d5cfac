/** The page that can ask a model: the vault. It holds the files, and can send nothing by itself. */

import { promise } from '../promise'
import { start } from '../start'
import { askView } from './ask'

Object.assign(promise, {
  short: 'Nothing leaves unseen',
  why: ' Your files stay in a frame that cannot send anything. A question to a model is shown to you, byte for byte, and goes through a second frame, which knows your key and nothing of your files. ',
  proof:
    'What you drop, paste or type is read by a program inside this frame. It can send nothing; what you send to a model is handed to a second frame, the courier, when you say so. This is what keeps the rest here, as it stands now:',
  policy:
    'It is stated in this frame. The document around it may, besides, show the courier; each courier has a policy of its own, which allows the address of its provider and no other.',
  file: 'refactor.html',
})

start([['ask', 'Ask a model', askView]])
