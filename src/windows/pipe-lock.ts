import { createServer, type Server } from 'node:net';

/**
 * Takes a pipe of this machine, or gives null where another process has it. A pipe of a name exists at most once and goes
 * with its process: a lock that nobody can leave behind. `close` gives it back.
 */
export async function takePipe(name: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((settled) => {
    server.once('error', () => settled(null)).listen(`\\\\.\\pipe\\${name}`, () => settled(server));
  });
}
