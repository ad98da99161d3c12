/** Texts of others in Markdown, as GitHub reads it. Pure. */
import { clean } from './clean.ts'

const tags: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** As others do who quote what they have not written (Renovate, in the notes of releases). */
const zeroWidthSpace = '&#8203;'

/**
 * The text as Markdown shows it letter by letter: no tag, image, link, table, list or heading comes of it, nobody is
 * mentioned and no issue referred to. In one line, its own lines with `<br>` between them, so that it stays within
 * whatever it is put into.
 */
export function literal(text: string): string {
  return (
    clean(text)
      .replace(/[&>]|<(?!\d)/g, (character) => tags[character]!)
      .replace(/[\\`*_[\]|~$]/g, '\\$&')
      // References, mentions and addresses are found past every escape: only another character within stops that.
      .replace(/(#|\bGH-)(?=\d)/gi, `$1${zeroWidthSpace}`)
      .replace(/@(?=\w)/g, `@${zeroWidthSpace}`)
      .replace(/:(?=\/\/)/g, `:${zeroWidthSpace}`)
      .replace(/\bwww(?=\.)/gi, `$&${zeroWidthSpace}`)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join('<br>')
      // What would begin a heading, a list or a rule does so at the beginning alone.
      .replace(/^(?:[-+](?=[-\s]|$)|#+(?=\s|$)|=+$)/, '\\$&')
      .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
  )
}
