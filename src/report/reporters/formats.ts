/** Every format of --format; json is the report itself. */
export const formats = ['text', 'json'] as const
export type Format = (typeof formats)[number]
