/** The words that tell a person how to get a program: the exact commands for each kind of machine. */
import { type BinaryName, requirements } from './binary.ts'

/** The commands that install `names`, for apt, Homebrew and Docker, and the variables that name a program directly. */
export function installAdvice(names: readonly BinaryName[]): string {
  const packages = names.map((name) => requirements[name].debianPackage).join(' ')
  const formulas = names.map((name) => requirements[name].homebrewFormula).join(' ')
  const variables = names.map((name) => `${requirements[name].variable}=/path/to/${name}`).join(' ')
  return [
    'Debian, Ubuntu:',
    `  sudo apt-get install ${packages}`,
    'macOS or Linux with Homebrew:',
    `  brew install ${formulas}`,
    'Docker, with nothing else installed:',
    // The second volume keeps the container's node_modules apart from the host's, which may be another system's.
    `  docker run --rm -it -v "$PWD:/app" -v /app/node_modules -w /app \\`,
    `    node:24-bookworm sh -c 'npm ci && npm run bench'`,
    'A program of your own, elsewhere:',
    `  ${variables} npm run bench`,
  ].join('\n')
}

/** `nginx`, `nginx and redis-server`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
