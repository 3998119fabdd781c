import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { intunewin, randomKeys } from '../../../.scripts/intunewin.mjs';

const folder = mkdtempSync(join(tmpdir(), 'c2r-intunewin-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (program: string, args: string[]) =>
  execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });

/** Opened by programs that are not ours: unzip and openssl. */
const decoders = ['unzip', 'openssl'].filter((program) => {
  try {
    run(program, [program === 'unzip' ? '-v' : 'version']);
    return false;
  } catch {
    return true;
  }
});

const files = {
  'Install.ps1': Buffer.from('exit 0\r\n'),
  'C2RBridge/bin/data.bin': Buffer.alloc(100_000, 'not a zip'),
};
const app = { name: 'c2r-bridge 0.1.0', setupFile: 'Install.ps1' };

describe('an .intunewin file', () => {
  test.skipIf(decoders.length > 0)(`is opened by an independent decoder${missing()}`, () => {
    writeFileSync(join(folder, 'app.intunewin'), intunewin(files, app));
    run('unzip', ['-q', '-o', 'app.intunewin']);
    const detection = readFileSync(join(folder, 'IntuneWinPackage/Metadata/Detection.xml'), 'utf8');
    const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(detection)?.[1] ?? '';
    const hex = (name: string) => Buffer.from(field(name), 'base64').toString('hex');
    const encrypted = readFileSync(join(folder, 'IntuneWinPackage/Contents', field('FileName')));

    writeFileSync(join(folder, 'authenticated'), encrypted.subarray(32));
    const mac = run('openssl', [
      'dgst',
      '-sha256',
      '-mac',
      'HMAC',
      '-macopt',
      `hexkey:${hex('MacKey')}`,
      '-r',
      'authenticated',
    ]);
    expect(mac.toString().split(' ')[0]).toBe(encrypted.subarray(0, 32).toString('hex'));
    expect(hex('Mac')).toBe(encrypted.subarray(0, 32).toString('hex'));
    expect(hex('InitializationVector')).toBe(encrypted.subarray(32, 48).toString('hex'));

    writeFileSync(join(folder, 'cipher'), encrypted.subarray(48));
    const keys = ['-K', hex('EncryptionKey'), '-iv', hex('InitializationVector')];
    run('openssl', ['enc', '-d', '-aes-256-cbc', ...keys, '-in', 'cipher', '-out', 'content.zip']);
    expect(statSync(join(folder, 'content.zip')).size).toBe(Number(field('UnencryptedContentSize')));
    const digest = run('openssl', ['dgst', '-sha256', '-r', 'content.zip']).toString();
    expect(digest.split(' ')[0]).toBe(hex('FileDigest'));

    run('unzip', ['-q', '-o', 'content.zip', '-d', 'content']);
    for (const [path, content] of Object.entries(files)) {
      expect(readFileSync(join(folder, 'content', path)).equals(content)).toBe(true);
    }
    expect(field('SetupFile')).toBe('Install.ps1');
    expect(files).toHaveProperty([field('SetupFile')]);
  });

  test('has the same bytes twice but for its random keys', () => {
    const keys = randomKeys();
    expect(intunewin(files, app, keys).equals(intunewin(files, app, keys))).toBe(true);
    expect(intunewin(files, app).equals(intunewin(files, app))).toBe(false);
  });
});

function missing(): string {
  return decoders.length > 0 ? ` (missing: ${decoders.join(', ')})` : '';
}
