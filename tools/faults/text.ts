/** What no output of a command may have, whatever happened, and what a message owes whoever reads it. Pure. */

/** Why a text is not fit to be shown in a terminal or to people; empty when nothing is wrong with it. */
export function wrongInText(text: string): string[] {
  const marks = [...new Set([...text].filter(isControl))].map(
    (mark) => `U+${mark.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`,
  )
  return [
    ...(marks.length > 0
      ? [`control characters or bidirectional marks in the output: ${marks.join(', ')}`]
      : []),
    ...quoted(text, /^\s+at .*:\d+:\d+\)?$|^Node\.js v\d+|node:internal/m, 'a stack trace'),
    ...quoted(text, /\[object Object\]|(?<!received )\b(undefined|NaN)\b/, 'an accident of JavaScript'),
    ...quoted(text, /<html|<!doctype/i, 'raw HTML'),
  ]
}

/** Why a message on stderr is none that a person can act on; empty when it is one. */
export function wrongInMessage(stderr: string): string[] {
  if (stderr.trim() === '') return ['it failed without a message']
  return quoted(stderr, /^(sessionbench: )?(\w*Error: )?E[A-Z]{2,}\b[:,].*/m, 'a bare error of the system')
}

function quoted(text: string, pattern: RegExp, what: string): string[] {
  const found = pattern.exec(text)?.[0].trim()
  return found === undefined ? [] : [`${what}: ${found.slice(0, 200)}`]
}

/** All but the line feed and the tab; and what turns the direction of a text, or hides in it (Unicode TR 9, 2.1 to 2.6). */
function isControl(character: string): boolean {
  const code = character.codePointAt(0)!
  if (code === 0x0a || code === 0x09) return false
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0x061c ||
    (code >= 0x200e && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  )
}
