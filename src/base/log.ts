/** Levels from the fewest lines to the most. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** How the lines of a log file look. CMTrace is the viewer that comes with Configuration Manager. */
export const logFormats = ['json', 'cmtrace'] as const;
export type LogFormat = (typeof logFormats)[number];

/** Lines for the people who run the bridge; they never hold credentials. Where they go is main's business. */
export type Log = Readonly<Record<LogLevel, (message: string, details?: Readonly<Record<string, unknown>>) => void>>;

/** For what has nobody to tell. */
export const silentLog: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};
