import { lstatSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether links can be made here: Windows demands a right for it, and Node makes none that it sees under Wine. */
export const makesLinks = canMakeLinks();

function canMakeLinks(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-links-'));
  try {
    const [link, junction] = [join(folder, 'link'), join(folder, 'junction')];
    symlinkSync(join(folder, 'nowhere'), link);
    symlinkSync(folder, junction, 'junction');
    return [link, junction].every((path) => lstatSync(path).isSymbolicLink());
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
