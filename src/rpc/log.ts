import { openSync, writeSync } from 'node:fs';

/** Levels from the fewest lines to the most. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines for whoever looks after the bridge. Never stdout: that belongs to the frames. */
export type Log = Readonly<Record<LogLevel, (message: string, details?: Readonly<Record<string, unknown>>) => void>>;

/** Logs up to `level` as JSON lines to stderr, or to the end of `file` instead. Throws where `file` cannot be opened. */
export function openLog(level: LogLevel, file?: string): Log {
  const fd = file === undefined ? undefined : openSync(file, 'a');
  const write = (at: LogLevel, message: string, details?: Readonly<Record<string, unknown>>) => {
    if (logLevels.indexOf(at) > logLevels.indexOf(level)) return;
    const line = `${JSON.stringify({ time: new Date().toISOString(), level: at, message, ...details })}\n`;
    if (fd === undefined) process.stderr.write(line);
    else writeSync(fd, line);
  };
  return {
    error: (message, details) => write('error', message, details),
    warn: (message, details) => write('warn', message, details),
    info: (message, details) => write('info', message, details),
    debug: (message, details) => write('debug', message, details),
  };
}
