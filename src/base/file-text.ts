import { constants } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** A named pipe that lies in the place of a file holds a thread, and with it the end of the process, until somebody writes. */
const flag = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The text of a file; none of a named pipe. Node does not name a folder that lies in its place; this does. */
export async function fileText(file: string): Promise<string> {
  try {
    return await readFile(file, { encoding: 'utf8', flag });
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path: file });
  }
}
