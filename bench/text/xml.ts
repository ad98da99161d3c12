/** Texts of others in XML. Pure. */
import { clean } from './clean.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // In an attribute a parser would make a space of it (XML 1.0, 3.3.3).
  '\n': '&#10;',
}

/** The text as the content of an element or the value of an attribute; what XML 1.0 cannot hold at all is not in it. */
export function xmlText(text: string): string {
  return clean(text).replace(/[&<>"'\n]/g, (character) => entities[character]!)
}
