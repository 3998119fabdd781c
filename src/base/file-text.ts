import { readFile } from 'node:fs/promises';

/** The text of a file. Node does not name a folder that lies in its place; this does. */
export async function fileText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path: file });
  }
}
