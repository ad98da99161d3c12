/** What others may write into a log, an answer, a file or a ref to have it do more than be read; for tests of every format. */

export const hostileTexts: Readonly<Record<string, string>> = {
  // Terminals
  'the clipboard (OSC 52)': 'before\u001b]52;c;cm0gLXJmIH4=\u0007after',
  'the clipboard, ended by ST': 'before\u001b]52;c;cm0gLXJmIH4=\u001b\\after',
  'the clipboard, in one byte (C1)': 'before\u009d52;c;cm0gLXJmIH4=\u009cafter',
  'a sequence that never ends': 'before\u001b]52;c;cm0gLXJmIH4=',
  'clearing the screen': '\u001b[2J\u001b[H\u001bcall is well',
  'clearing the screen (C1)': '\u009b2Jall is well',
  'a sequence within a sequence': '\u001b\u001b[31m[2J',
  'a title, and a link': '\u001b]0;root@host\u0007\u001b]8;;https://evil.invalid\u0007here\u001b]8;;\u0007',
  'a device string': '\u001bP1$r0m\u001b\\ \u001b_x\u001b\\',
  'overwriting the line': 'FAIL: everything\rpass: everything',
  'backspaces and bells': 'no\b\byes\u0007\u0000\u007f',
  // Eyes
  'turned round': 'user\u202Etxt.exe\u202C \u2066x\u2069 \u200Fy\u061C',
  'hidden characters': 'red\u200Bis\u00AD \uFEFFco\u2060okie \u{E0041}\u{E0042}',
  'no characters': 'a\uD800b\uDC00c\uFFFEd\uFFFF',
  'other ends of lines': 'one\u2028two\u2029three\u0085four\vfive\fsix\r\nseven',
  // Markdown
  tags: '<script>alert(1)</script><img src=x onerror=alert(1)><!-- </details> --> &lt;b&gt;',
  'an image, and links':
    '![x](https://evil.invalid/x.png) [y](https://evil.invalid) https://evil.invalid www.evil.invalid <https://evil.invalid> me@evil.invalid',
  'a heading': '# All is well',
  'a heading further down': 'it said:\n\n# All is well\n\nAll is well\n===\n\n---\n',
  mentions: '@everybody @github/security (@root) GH-1 #1 owner/repo#1',
  'a table': '| a | b |\n| --- | --- |\n| 1 | 2 |',
  'lists, quotes and code':
    '1. one\n2) two\n- three\n+ four\n* five\n> six\n    seven\n```\neight\n~~~\n`nine` ``ten``',
  emphasis: '**all** *is* __well__ _here_ ~~not~~ $x$ $$y$$ \\*z\\*',
  definitions: '[x]: https://evil.invalid\n[^1]: note\n[x] [^1]',
  // XML
  'the end of an element': '</failure></testcase><testcase name="x"/> ]]> <![CDATA[ & &#0; &evil;',
  'the end of an attribute': '" onload="x" \' onload=\'x',
  // CI
  'commands to CI': 'it said:\n::error::fake\n  ::add-mask::a\n::stop-commands::x\n::set-output name=a::b',
  'older commands to CI': 'it said ##[error]fake and ##vso[task.setvariable]x and ##[add-mask]a',
  'the end of a command': 'x%0A::error::fake\r\n::error::fake%25',
  // Programs
  'what JavaScript trips over': '__proto__ constructor toString $& $1 $` %s %o',
  nothing: '',
  'ends of lines alone': '\n\r\n\n',
  much: 'x'.repeat(100_000),
  'many beginnings of sequences': '\u001b]a'.repeat(30_000),
}
