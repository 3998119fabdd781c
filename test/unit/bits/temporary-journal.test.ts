import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { notedPaths } from '../../../src/bits/temporary-files.js';
import { temporaryJournal } from '../../../src/bits/temporary-journal.js';

let folder: string;
let file: string;
const failures: unknown[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'c2r-journal-'));
  file = join(folder, 'notes.txt');
  failures.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => temporaryJournal(file, (error) => failures.push(error));
const text = () => readFileSync(file, 'utf8');

test('the file is there while something is noted, and gone at the end', () => {
  const journal = open();
  expect(existsSync(file)).toBe(false);
  journal.note('a');
  journal.note('b');
  journal.forget('a');
  expect(notedPaths(text())).toEqual(['b']);
  journal.forget('b');
  journal.close();
  expect(readdirSync(folder)).toEqual([]);
});

test('what is still noted at the end stays noted', () => {
  const journal = open();
  journal.note('a');
  journal.close();
  expect(notedPaths(text())).toEqual(['a']);
});

test('a job that keeps its file for months does not let the notes grow with all that come and go meanwhile', () => {
  const journal = open();
  const kept = ['one', 'two', 'three'];
  for (const path of kept) journal.note(path);
  let longest = 0;
  for (let index = 0; index < 5000; index++) {
    journal.note(`file ${index}`);
    expect(text()).toContain(`"file ${index}"`);
    journal.forget(`file ${index}`);
    longest = Math.max(longest, text().split('\n').length);
  }
  expect(longest).toBeLessThan(1010);
  expect(notedPaths(text())).toEqual(kept);
  expect(readdirSync(folder)).toEqual(['notes.txt']);
  expect(failures).toEqual([]);
});

test('notes that cannot be made shorter are kept as they are, and that is told', () => {
  const journal = open();
  journal.note('kept');
  // A folder in the place of the new notes.
  mkdirSync(`${file}.new`);
  for (let index = 0; index < 1500; index++) {
    journal.note(`file ${index}`);
    journal.forget(`file ${index}`);
  }
  expect(notedPaths(text())).toEqual(['kept']);
  expect(failures.length).toBeGreaterThan(0);
  expect(failures.length).toBeLessThan(5);
});
