import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A process proves that it lives by listening at a name: the system closes the end with the process, however that ends, and
 * no later process with the same id can be taken for it.
 */
function place(name: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  if (process.platform === 'linux') return `\0${name}`;
  return join(tmpdir(), `${name}.sock`);
}

/** A sign of life that lasts until `close`, or until the process ends. */
export type SignOfLife = Pick<Server, 'close'>;

/** Gives a sign of life under a name; rejects where somebody else gives it already. */
export function showLife(name: string): Promise<SignOfLife> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', reject).listen(place(name), () => resolve(server));
  });
}

/** What a system answers where nobody listens; any other refusal, such as one to another account, is a sign of life. */
const nobodyListens = ['ENOENT', 'ECONNREFUSED'];

/** Whether somebody on this machine gives a sign of life under a name. */
export function isAlive(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(place(name));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(!nobodyListens.includes(code)));
  });
}
