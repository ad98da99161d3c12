/** Holds each form of text to its format: whatever others wrote is read, and does nothing. */
import fc from 'fast-check'
import { marked } from 'marked'
import { describe, expect, test } from 'vitest'
import { clean, cleanColoured, cleanLine } from './clean.ts'
import { literal } from './markdown.ts'
import { hostileTexts } from './testing/hostile.ts'
import { withoutCommands, workflowCommand } from './workflow-command.ts'
import { xmlText } from './xml.ts'

/** The corpus, and what chance makes of its parts. */
const parts = Object.values(hostileTexts).flatMap((text) =>
  text.length > 1_000 ? [] : text.split(/(?=[^\w\s])/),
)
const anyText = fc.oneof(
  fc.constantFrom(...Object.values(hostileTexts)),
  fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((some) => some.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
)

const unsafe = /[^\P{Cc}\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u

describe('clean', () => {
  test('leaves nothing that a terminal obeys or an eye misses, and cleans no further when done again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(clean(text)).not.toMatch(unsafe)
        expect(clean(clean(text))).toBe(clean(text))
        expect(cleanLine(text)).not.toContain('\n')
      }),
    )
  })

  test.each([
    ['plain text', 'a – b\n  c’s ✓ 100 % µs 日本', 'a – b\n  c’s ✓ 100 % µs 日本'],
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a command to the terminal', hostileTexts['the clipboard (OSC 52)']!, 'beforeafter'],
    ['the same in one byte', hostileTexts['clearing the screen (C1)']!, 'all is well'],
    ['a command that never ends', '\u001b]52;c;x', '52;c;x'],
    ['a sequence in a sequence', '\u001b\u001b[31m[2J', '\uFFFD[2J'],
    ['ends of lines', 'a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
    ['tabs', '\tat x', '  at x'],
    ['other control characters', 'a\u0000b\u0007', 'a\uFFFDb\uFFFD'],
    ['marks of direction', 'user\u202Etxt', 'user\uFFFDtxt'],
    ['half a character', 'a\uD800b', 'a\uFFFDb'],
  ])('%s', (_, text, expected) => {
    expect(clean(text)).toBe(expected)
  })

  test('of text in our own colours leaves these, and nothing else', () => {
    const coloured = '\u001b[32m100 %\u001b[39m'
    expect(cleanColoured(coloured)).toBe(coloured)
    expect(cleanColoured(`${coloured}\u001b[2J\u001b\u001b[31m[2J`)).toBe(`${coloured}\uFFFD\u001b[31m[2J`)
    fc.assert(
      fc.property(anyText, (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours
        expect(cleanColoured(text).replace(/\u001b\[[\d;]*m/g, '')).not.toMatch(unsafe)
      }),
    )
  })
})

describe('in Markdown', () => {
  /** What the page shows, and with which elements. */
  const rendered = (markdown: string) => {
    const html = marked.parse(markdown, { async: false, gfm: true })
    const shown = html
      .replace(/<br>/g, ' ')
      .replace(/<[^>]*>/g, '')
      .replace(/&(lt|gt|amp|quot|#39|#8203);/g, (_, name) => characters[name as keyof typeof characters])
    return {
      elements: new Set([...html.matchAll(/<\/?(\w+)/g)].map(([, name]) => name)),
      shown: words(shown),
    }
  }
  const characters = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", '#8203': '' }
  const words = (text: string) => text.replaceAll('\u200B', '').split(/\s+/).join(' ').trim()

  test('every text is shown as it is, and makes no element of its own', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const item = rendered(`- ${literal(text)}`)
        expect(item.elements.difference(new Set(['ul', 'li', 'br']))).toEqual(new Set())
        expect(item.shown).toBe(words(clean(text)))
        const heading = rendered(`### ${literal(text)}\n\nend`)
        expect(heading.elements.difference(new Set(['h3', 'br', 'p']))).toEqual(new Set())
        const row = rendered(`| a | b |\n| :-- | --: |\n| ${literal(text)} | c |`)
        expect(row.elements.difference(new Set(['table', 'thead', 'tbody', 'tr', 'th', 'td', 'br']))).toEqual(
          new Set(),
        )
        expect(row.shown).toBe(words(`a b ${clean(text)} c`))
      }),
    )
  })

  test('nobody is mentioned, no issue referred to', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(literal(text)).not.toMatch(/@\w|#\d(?<!&#\d)|\bGH-\d/i)
      }),
    )
    expect(literal('a CPU @ 2.80GHz, #a')).toBe('a CPU @ 2.80GHz, #a')
  })

  test.each([
    ['lines stay apart', 'it said:\n  one\n\n  two', 'it said:<br>one<br>two'],
    [
      'names are left as they are',
      'redis-aof: cpuMicrosPerRequest.replica +1.0 % (−2 … +4)',
      'redis-aof: cpuMicrosPerRequest.replica +1.0 % (−2 … +4)',
    ],
    ['what begins a list', '- a', '\\- a'],
    ['what begins a numbered list', '12. a', '12\\. a'],
    ['a number', '12 of 13 a', '12 of 13 a'],
    ['figures', '+10.0 % (+7.0 … +13.0), <1 %', '+10.0 % (+7.0 … +13.0), <1 %'],
  ])('%s', (_, text, expected) => {
    expect(literal(text)).toBe(expected)
  })
})

test('in XML nothing ends an element or an attribute, and every character is one that XML has', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(xmlText(text)).not.toMatch(/[<>"'\n]|&(?!(amp|lt|gt|quot|apos|#10);)/)
      expect(xmlText(text)).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u)
    }),
  )
})

describe('in the log of CI', () => {
  /** As the runner takes a line. */
  const isCommand = (line: string) => line.trimStart().startsWith('::') || line.includes('##[')

  test('a quoted command is none', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(withoutCommands(clean(text)).split('\n').filter(isCommand)).toEqual([])
      }),
    )
    expect(withoutCommands('http://[::1]:80 Foo::bar\n ::error::x ##[error]y')).toBe(
      'http://[::1]:80 Foo::bar\n : :error::x # #[error]y',
    )
  })

  test('an annotation is one line, and one command', () => {
    fc.assert(
      fc.property(anyText, anyText, (title, message) => {
        const line = workflowCommand('error', title, message)
        expect(line).toMatch(/^::error title=[^:,\n]*::[^\n]*$/)
        expect(line).not.toContain('##[')
        const [, , , told = ''] = /^::error (title=[^:,]*)(::)(.*)$/.exec(line) ?? []
        expect(told.replace(/%0A/g, '\n').replace(/%25/g, '%')).toBe(withoutCommands(clean(message)))
      }),
    )
  })
})

test('the longest text takes no longer than its length', () => {
  // Each of these took the pattern of a well-known function 13 s.
  for (const piece of ['\u001b]a', '\u001b[', '\u001b]1;', '\u009d', '@a', '<', '\n', '##[', ' ::'])
    for (const form of [clean, cleanLine, cleanColoured, literal, xmlText, withoutCommands])
      form(piece.repeat(200_000))
})
