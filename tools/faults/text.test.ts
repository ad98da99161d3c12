import { expect, test } from 'vitest'
import { wrongInMessage, wrongInText } from './text.ts'

test.each([
  ['clears the terminal', 'a\u001b[2Jb', 'U+001B'],
  ['sets the clipboard', '\u001b]52;c;aGk=\u0007', 'U+001B, U+0007'],
  ['begins with a C1 control', '\u009b31m', 'U+009B'],
  ['overwrites its line', 'good\rbad', 'U+000D'],
  ['turns the direction', 'exe.\u202egnp', 'U+202E'],
  ['has a stack trace', 'TypeError: x\n    at run (file:///a/b.ts:12:5)\n', 'a stack trace: at run'],
  ['was written by Node as it died', 'x\n\nNode.js v24.1.0\n', 'a stack trace: Node.js v24'],
  ['prints an object', 'saved in [object Object]', 'an accident of JavaScript'],
  ['prints nothing for a name', 'port undefined is in use', 'an accident of JavaScript'],
  ['quotes a page', 'got 502 <html><head>', 'raw HTML'],
])('a text that %s', (_, text, complaint) => {
  expect(wrongInText(text).join('\n')).toContain(complaint)
})

test('an ordinary text has nothing wrong', () => {
  expect(wrongInText('memory  33 %\n\tµs ± é – …\n> look at it: done')).toEqual([])
  expect(wrongInText('seed: expected number, received undefined')).toEqual([]) // the schema's words
})

test.each([
  ['', 'without a message'],
  ["sessionbench: ENOENT: no such file or directory, mkdtemp '/gone/x'", 'a bare error of the system'],
  ['sessionbench: EACCES: permission denied', 'a bare error of the system'],
  ['Error: ENOSPC, no space', 'a bare error of the system'],
])('the message %j', (text, complaint) => {
  expect(wrongInMessage(text).join('\n')).toContain(complaint)
})

test('a message that names what is wrong may quote the system', () => {
  expect(
    wrongInMessage('sessionbench: no file can be made in /gone (TMPDIR): ENOENT; choose another'),
  ).toEqual([])
})
