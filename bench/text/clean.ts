/** Makes harmless what others wrote (a log, an answer, a file, a ref), before it is saved or shown. Pure. */

/** ECMA-48: what a terminal takes for a command, from the first byte of it to the last. Each part ends where the next begins, so that no text takes longer than its length. */
const escapeSequences =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u0018\u001a\u001b\u0090\u0098\u009c-\u009f]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g

const lineEnds = /\r\n?|[\v\f\u0085\u2028\u2029]/g

/** Control characters; marks that show nothing, but turn the direction of a text round or hide a part of it; and what is no character at all. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]/gu

/**
 * The same text without anything that would do more than be read: colours and other commands to a terminal are left out,
 * whatever else is invisible becomes `\uFFFD`. Lines stay, each with `\n` at its end.
 */
export function clean(text: string): string {
  return text
    .replace(escapeSequences, '')
    .replace(lineEnds, '\n')
    .replaceAll('\t', '  ')
    .replace(invisible, (character) => (character === '\n' ? character : '\uFFFD'))
}

/** The same in one line, for where a second one would break the form. */
export function cleanLine(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim()
}

/** `clean`, for text in colours of our own: they stay, and nothing else that a terminal would obey. */
export function cleanColoured(text: string): string {
  return text
    .split(colours)
    .map((part, at) => (at % 2 === 1 ? part : clean(part)))
    .join('')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: as `styleText` writes them
const colours = /(\u001b\[[\d;]*m)/
