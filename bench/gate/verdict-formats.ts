/** The forms in which a gate is told; by itself, since the help needs them. */
export const verdictFormats = ['text', 'markdown'] as const
