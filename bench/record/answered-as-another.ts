/** The finding that no experiment leaves out: whether anybody was answered as somebody else. */
import type { Finding } from './finding.ts'

/**
 * A session layer can do nothing worse, so a single one fails.
 * @param seen answers that were looked into, and of them those that named another user than the one who asked
 */
export function answeredAsAnother(
  about: Pick<Finding, 'strategy' | 'experiment' | 'case'>,
  seen: { readonly answers: number; readonly asAnother: number },
): Finding {
  const { answers, asAnother } = seen
  return {
    ...about,
    metric: 'answeredAsAnother',
    value: answers === 0 ? null : asAnother,
    unit: 'count',
    low: null,
    high: null,
    verdict: answers === 0 ? 'unknown' : asAnother > 0 ? 'fail' : 'pass',
    note: answers === 0 ? 'there was no answer' : `${asAnother} of ${answers} answers named another user`,
  }
}
