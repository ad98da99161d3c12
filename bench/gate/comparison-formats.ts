/** The forms in which two compared runs can be printed. */
export const comparisonFormats = ['text', 'markdown', 'json'] as const
export type ComparisonFormat = (typeof comparisonFormats)[number]
