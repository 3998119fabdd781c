import { describe, expect, test } from 'vitest';
import { BegunEarly } from '../../../src/content/image/begun-early.js';

function started() {
  const paths: string[] = [];
  const work = async (path: string) => {
    paths.push(path);
    if (path === 'broken') throw new Error('EIO');
    return `hash of ${path}`;
  };
  return { paths, hashes: new BegunEarly(work) };
}

describe('work that begins early', () => {
  test('is done once for each file, begun early or not', async () => {
    const { paths, hashes } = started();
    hashes.begin(['a', 'b']);
    expect(paths).toEqual(['a', 'b']);
    expect(await hashes.of('a')).toBe('hash of a');
    expect(await hashes.of('c')).toBe(await hashes.of('c'));
    expect(paths).toEqual(['a', 'b', 'c']);
  });

  test('keeps a failure for who asks, and nobody need ask', async () => {
    const { hashes } = started();
    hashes.begin(['broken']);
    await new Promise(setImmediate);
    await expect(hashes.of('broken')).rejects.toThrow('EIO');
  });
});
