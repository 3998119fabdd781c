import { openSync, writeSync } from 'node:fs';
import { type Log, type LogLevel, logLevels } from '../rpc/service.js';

/** Logs up to `level` as JSON lines to stderr, or to the end of `file` instead. Throws where `file` cannot be opened. */
export function openLog(level: LogLevel, file?: string): Log {
  const fd = file === undefined ? undefined : openSync(file, 'a');
  let stderr: NodeJS.WriteStream | undefined;
  const write = (at: LogLevel, message: string, details?: Readonly<Record<string, unknown>>) => {
    if (logLevels.indexOf(at) > logLevels.indexOf(level)) return;
    const line = `${JSON.stringify({ time: new Date().toISOString(), level: at, message, ...details })}\n`;
    if (fd !== undefined) {
      writeSync(fd, line);
      return;
    }
    // Nobody reads it any more where the client is gone; that is no reason to fail.
    stderr ??= process.stderr.on('error', () => undefined);
    stderr.write(line);
  };
  return {
    error: (message, details) => write('error', message, details),
    warn: (message, details) => write('warn', message, details),
    info: (message, details) => write('info', message, details),
    debug: (message, details) => write('debug', message, details),
  };
}
