/** What the page promises, in its words. Another page says other words: see refactor/main.ts. */

export const promise = {
  short: 'Nothing leaves this page',
  why: ' It is one file that works without a network, and it cannot send anything. ',
  proof:
    'What you drop, paste or type is read by a program inside this page. This is what keeps it here, as it stands now:',
  policy: 'It is stated in the file, twice: around the frame that the program runs in, and inside of it.',
  file: 'badgateway.html',
}
