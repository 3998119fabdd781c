import { describe, expect, test } from 'vitest';
import { FileHashes } from '../../../src/content/image/file-hashes.js';
import type { HashPool } from '../../../src/content/image/hash-pool.js';

/** A pool of two that notes what it is asked for, and cannot read one file. */
function pool() {
  const asked: string[] = [];
  const hash = async (file: string) => {
    asked.push(file.replaceAll('\\', '/'));
    if (file.endsWith('broken')) throw new Error('EIO');
    return `hash of ${file}`;
  };
  return { asked, pool: { size: 2, hash } as unknown as HashPool };
}

describe('the hashes of an image', () => {
  test('begin with as many files as there are threads, and take none twice', async () => {
    const { asked, pool: two } = pool();
    const hashes = new FileHashes('/image', two, new AbortController().signal, () => undefined);
    hashes.begin(['a', 'b', 'c']);
    expect(asked).toEqual(['/image/a', '/image/b']);
    expect(await hashes.of('a')).toBe(await hashes.of('a'));
    await hashes.of('c');
    expect(asked).toEqual(['/image/a', '/image/b', '/image/c']);
  });

  test('keep a failure for who asks, and nobody need ask', async () => {
    const { pool: two } = pool();
    const hashes = new FileHashes('/image', two, new AbortController().signal, () => undefined);
    hashes.begin(['broken']);
    await new Promise(setImmediate);
    await expect(hashes.of('broken')).rejects.toThrow('EIO');
  });
});
