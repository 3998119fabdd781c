import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file of an image; `sha256` only where the manifest is to say something else than the truth. */
export interface ImageFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256?: string;
}

/** Lays an image out as content/stage leaves it, with its manifest. */
export function writeImage(root: string, files: readonly ImageFile[]): void {
  const at = '2026-01-01T00:00:00Z';
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  }
  const manifest = {
    schema: 1,
    createdAt: at,
    updatedAt: at,
    sources: [],
    files: files.map(({ path, bytes, sha256 }) => ({
      path,
      size: bytes.length,
      sha256: sha256 ?? createHash('sha256').update(bytes).digest('hex'),
      modifiedMs: 0,
      url: `https://officecdn.example.invalid/${path}`,
      validator: null,
      lcid: null,
      hashLocation: null,
      hashAlgorithm: null,
      stagedAt: at,
    })),
  };
  writeFileSync(join(root, 'manifest.json'), JSON.stringify(manifest));
}

export function randomFile(path: string, length: number): ImageFile {
  return { path, bytes: randomBytes(length) };
}
