import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const own = /\btimeout: \d[\d_]{3,}|AbortSignal\.timeout\(\d|^\s*\}, \d[\d_]*_000\);$|\.AddSeconds\(\d/m;

test('every deadline of a test goes through deadline(), which C2R_TIME_FACTOR stretches', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^(?!bench).*\.ts$/.test(name),
  );
  expect(files.length).toBeGreaterThan(100);
  const found = files.filter((name) => own.test(readFileSync(join(folder, name), 'utf8')));
  expect(found).toEqual([]);
});
