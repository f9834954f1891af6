/** The forms in which an incident is exported. */
export const exportFormats = ['bundle', 'json', 'md', 'csv', 'ics'] as const;
export type ExportFormat = (typeof exportFormats)[number];
