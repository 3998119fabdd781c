import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** The first cells of all tables, without their ruling. */
const rows = (markdown: string) => [...markdown.matchAll(/^\| ([^-|]+) \|/gm)].map(([, cell]) => cell);

test("the tables of the bench's notes are those that their command prints", () => {
  const printed = execFileSync(process.execPath, [file('../bench/profile.mjs'), '--quick'], { encoding: 'utf8' });
  expect(rows(printed).length).toBeGreaterThan(20);
  const uncounted = (cells: (string | undefined)[]) => cells.map((cell) => cell?.replace(/\d+ runs/, 'runs'));
  expect(uncounted(rows(readFileSync(file('../bench/notes.md'), 'utf8')))).toEqual(uncounted(rows(printed)));
});
