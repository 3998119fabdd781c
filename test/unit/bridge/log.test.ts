import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { logLevels } from '../../../src/base/log.js';
import { cmTraceLine, openLog } from '../../../src/bridge/log.js';

const folder = mkdtempSync(join(tmpdir(), 'c2r-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How CMTrace takes a line apart. */
const pattern =
  /^<!\[LOG\[(.*)\]LOG\]!><time="(\d\d:\d\d:\d\d\.\d{3})([+-]\d{3})" date="(\d\d-\d\d-\d{4})" component="([^"]*)" context="" type="([123])" thread="(\d+)" file="">\r\n$/;

test('a line for CMTrace has the local time, its bias to UTC, the type of the level and the details', () => {
  const now = new Date(2026, 2, 4, 5, 6, 7, 89);
  now.getTimezoneOffset = () => 480;
  const [, text, time, bias, date, component, type, thread] =
    pattern.exec(cmTraceLine('warn', 'slow', { ms: 5, url: 'http://h/"x"' }, now)) ?? [];
  expect({ text, time, bias, date, component, type, thread }).toEqual({
    text: 'slow ms=5 url="http://h/\\"x\\""',
    time: '05:06:07.089',
    bias: '+480',
    date: '03-04-2026',
    component: 'c2r-bridge',
    type: '2',
    thread: String(process.pid),
  });
  now.getTimezoneOffset = () => -60;
  expect(pattern.exec(cmTraceLine('info', 'x', {}, now))?.[3]).toBe('-060');
});

test('whatever a message holds, it is one line that cannot end early', () => {
  const hostile = fc.string({ unit: fc.constantFrom(']LOG]!>', '<![LOG[', '\r', '\n', '"', '<', 'a', ' ') });
  fc.assert(
    fc.property(fc.constantFrom(...logLevels), hostile, (level, message) => {
      const line = cmTraceLine(level, message, { message });
      expect(line).toMatch(pattern);
      expect(line.indexOf(']LOG]!>')).toBe(line.lastIndexOf(']LOG]!><time="'));
    }),
  );
});

test('a log file takes the format that is asked for', () => {
  const file = join(folder, 'bridge.log');
  openLog('info', file, 'cmtrace').warn('first');
  openLog('info', file).warn('second');
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(`${lines[0]}\n`).toMatch(pattern);
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ level: 'warn', message: 'second' });
});

const toLookAgain = () => setTimeout(1050);
const messages = (file: string) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).message);

test('a log file that is renamed or deleted while the bridge lives is begun anew', async () => {
  const file = join(folder, 'rotated.log');
  const log = openLog('info', file);
  log.info('first');
  renameSync(file, `${file}.1`);
  await toLookAgain();
  log.info('second');
  log.info('third');
  rmSync(file);
  await toLookAgain();
  log.info('fourth');
  expect([messages(`${file}.1`), messages(file)]).toEqual([['first'], ['fourth']]);
});

test('where no new one can be made, the lines still reach the renamed log', async () => {
  const place = join(folder, 'moved');
  mkdirSync(place);
  const log = openLog('info', join(place, 'bridge.log'));
  log.info('first');
  renameSync(place, `${place}.1`);
  await toLookAgain();
  const { write } = process.stderr;
  const said: string[] = [];
  process.stderr.write = ((text: string) => said.push(text) > 0) as typeof write;
  try {
    log.info('second');
    await toLookAgain();
    log.info('third');
  } finally {
    process.stderr.write = write;
  }
  expect(messages(join(`${place}.1`, 'bridge.log'))).toEqual(['first', 'second', 'third']);
  expect(said).toEqual([expect.stringContaining('the log file cannot be written')]);
});
