import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { pwsh } from './pwsh.js';

const program = '/usr/sbin/sshd';

/** Why there can be no ssh server here; undefined where there can. */
export const sshdMissing = existsSync(program) ? undefined : 'no /usr/sbin/sshd: apt-get install openssh-server';

/** A real ssh server on a loopback port of its own, with PowerShell as a subsystem. */
export interface Sshd {
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** `environment` is what the sessions start with. */
export async function startSshd(environment: Readonly<Record<string, string>>): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-sshd-'));
  const port = await freePort();
  for (const key of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  writeFileSync(join(folder, 'authorized'), readFileSync(join(folder, 'user.pub')), { mode: 0o600 });
  const settings = Object.entries(environment).map(([name, value]) => `"${name}=${value}"`);
  writeFileSync(
    join(folder, 'config'),
    `ListenAddress 127.0.0.1:${port}
HostKey ${join(folder, 'host')}
AuthorizedKeysFile ${join(folder, 'authorized')}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
SetEnv ${settings.join(' ')}
Subsystem powershell ${pwsh} -sshs -NoLogo -NoProfile
`,
  );
  // Where sshd gives its rights away; it starts without one only for a user who has none to give.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const server = spawn(program, ['-D', '-e', '-f', join(folder, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const exited = once(server, 'exit');
  while (!/Server listening/.test(log)) {
    if (server.exitCode !== null) throw new Error(`sshd ended: ${log}`);
    await Promise.race([once(server.stderr, 'data'), exited]);
  }
  await once(
    createConnection(port, '127.0.0.1').on('connect', function (this: { destroy(): void }) {
      this.destroy();
    }),
    'close',
  );
  return {
    port,
    user: userInfo().username,
    keyFile: join(folder, 'user'),
    async stop() {
      server.kill();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
