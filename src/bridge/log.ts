import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Log, type LogFormat, type LogLevel, logLevels } from '../base/log.js';
import { windowsPathFault } from '../base/windows-path.js';
import { UsageError } from './command-line.js';

/**
 * Logs up to `level` (null: nothing) as JSON lines to stderr, or in `format` to the end of `file` instead. Throws UsageError
 * where `file` cannot be opened; one that can no longer be written costs lines of the log, and nothing else.
 */
export function openLog(level: LogLevel | null, file?: string, format: LogFormat = 'json'): Log {
  const lineOf = file !== undefined && format === 'cmtrace' ? cmTraceLine : logLine;
  const limit = level === null ? -1 : logLevels.indexOf(level);
  const append = file === undefined ? undefined : appendTo(file, (error) => toStderr(lost(error)));
  let stderr: NodeJS.WriteStream | undefined;

  function toStderr(line: string): void {
    // Once the client is gone nobody reads it, which is not a failure.
    stderr ??= process.stderr.on('error', () => undefined);
    stderr.write(line);
  }
  function write(at: LogLevel, message: string, details?: Readonly<Record<string, unknown>>): void {
    if (logLevels.indexOf(at) > limit) return;
    (append ?? toStderr)(lineOf(at, message, details));
  }
  const lost = ({ message: error }: Error) => logLine('warn', 'the log file cannot be written', { file, error });

  return {
    error: (message, details) => write('error', message, details),
    warn: (message, details) => write('warn', message, details),
    info: (message, details) => write('info', message, details),
    debug: (message, details) => write('debug', message, details),
  };
}

function logLine(level: LogLevel, message: string, details?: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ time: new Date().toISOString(), level, message, ...details })}\n`;
}

const cmTraceTypes: Readonly<Record<LogLevel, number>> = { error: 3, warn: 2, info: 1, debug: 1 };

/** A line as CMTrace reads it: the local time with the minutes that it lacks to UTC, and the details behind the message. */
export function cmTraceLine(
  level: LogLevel,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  now = new Date(),
): string {
  const two = (part: number, digits = 2) => String(part).padStart(digits, '0');
  const bias = now.getTimezoneOffset();
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${two(now.getMilliseconds(), 3)}`;
  const date = `${two(now.getMonth() + 1)}-${two(now.getDate())}-${now.getFullYear()}`;
  const facts = Object.entries(details).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  const text = `${message}${facts.join('')}`.replaceAll(/\s*[\r\n]+\s*/g, ' ').replaceAll(']LOG]!>', ']LOG] !>');
  return (
    `<![LOG[${text}]LOG]!><time="${time}${bias < 0 ? '-' : '+'}${two(Math.abs(bias), 3)}" date="${date}" ` +
    `component="c2r-bridge" context="" type="${cmTraceTypes[level]}" thread="${process.pid}" file="">\r\n`
  );
}

/** How often it is looked whether the log still has its name. */
const lookMs = 1000;

/**
 * Appends whole lines to a file; tells the first failure to `onFailure` and drops the lines that do not fit. Where the file was
 * renamed or deleted, as programs do that rotate logs, the next lines go to a new one of its name.
 */
function appendTo(file: string, onFailure: (error: Error) => void): (line: string) => void {
  let fd = opened(file);
  let lookedAt = performance.now();
  let torn = false;
  let told = false;
  function attempt(what: () => void): void {
    try {
      what();
    } catch (error) {
      if (!told) onFailure(error as Error);
      told = true;
    }
  }
  function follow(): void {
    if (isNamed(file, fd)) return;
    const renewed = opened(file);
    closeSync(fd);
    fd = renewed;
    torn = false;
  }
  return (line) => {
    const now = performance.now();
    if (now - lookedAt >= lookMs) {
      lookedAt = now;
      attempt(follow);
    }
    attempt(() => {
      // On a full disk only the beginning of the line before may have got there.
      const bytes = Buffer.from(torn ? `\n${line}` : line);
      torn = writeSync(fd, bytes) < bytes.length;
    });
  };
}

/** Whether what is open is what has the name. */
function isNamed(file: string, fd: number): boolean {
  const named = statSync(file, { bigint: true, throwIfNoEntry: false });
  // Windows numbers volumes in two ways.
  return named?.ino === fstatSync(fd, { bigint: true }).ino;
}

function opened(file: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK = 0 } = constants;
  const fault = process.platform === 'win32' ? windowsPathFault(file) : null;
  if (fault) throw new UsageError(`--log-file ${fault}`);
  try {
    // Fails at once on a named pipe without a reader, where the second would wait for one.
    const probe = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK);
    try {
      return openSync(file, 'a');
    } finally {
      closeSync(probe);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`the log cannot be written: there is no folder ${dirname(file)}`);
    throw new UsageError(`the log cannot be written: ${message}; name a file that this account may write`);
  }
}
