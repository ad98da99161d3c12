/**
 * Prints the strategies of a checkout as JSON. A process of its own, so that a gate does not load what it judges: code can
 * do whatever it likes with the process that loads it. Usage: node print-registry.ts CHECKOUT/servers/strategies/index.ts
 */
import { pathToFileURL } from 'node:url'

const { stdout, stderr } = process
const answer = stdout.write.bind(stdout)
stdout.write = stderr.write.bind(stderr) // what the registry itself prints is no answer

const { strategies, control } = await import(pathToFileURL(process.argv[2] ?? '').href)
answer(JSON.stringify({ strategies, control }), () => process.exit(0))
