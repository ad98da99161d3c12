/**
 * Commands to CI in the lines of a log, as GitHub Actions reads them (actions/runner, `ActionCommand.cs`): `::name::` at the
 * beginning of a line, whatever spaces stand before it, and the older `##[name]` anywhere in it. Pure.
 */
import { clean } from './clean.ts'

/**
 * One line that is a command. Escaped as GitHub's own toolkit does (actions/toolkit, `packages/core/src/command.ts`): a
 * message must not be able to end the line and begin another command.
 */
export function workflowCommand(
  level: 'error' | 'warning' | 'notice',
  title: string,
  message: string,
): string {
  return `::${level} title=${property(title)}::${data(message)}`
}

function data(text: string): string {
  return logText(text).replaceAll('%', '%25').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** What a log that people read and CI obeys may hold of a text of others. */
export function logText(text: string): string {
  return withoutCommands(clean(text))
}

/** The text with every command in it broken, so that quoting a log cannot give one. */
export function withoutCommands(text: string): string {
  return text.replace(/^([^\S\n]*):(?=:)/gm, '$1: ').replace(/##(?=\w*\[)/g, '# #')
}
