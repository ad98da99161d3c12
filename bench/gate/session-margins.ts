/** What two sessions on one machine differ by with the same code: no change below that is called better or worse. */

/**
 * Of ratios to the control. The machine's drift falls on both, but not to the same part, and whatever belongs to a whole
 * session (another boot, another temperature, a neighbour) is not in the spread between its trials.
 */
export const ratioMargin = 0.05

/** Of figures as they are: identical clusters, one after the other, differ by 10 to 25 % in windows of 1 to 2 s (docs/measurements.md). */
export const valueMargin = 0.25
