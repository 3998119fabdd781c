import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { deadline } from './deadline.js';

const program = '/usr/sbin/squid';
const helpers = '/usr/lib/squid';

/** Why there can be no squid here; undefined where there can. */
export const squidMissing = existsSync(`${helpers}/ntlm_fake_auth`) ? undefined : 'no squid: apt-get install squid';

/** Ways to sign in, as squid is configured for them. */
const schemes = {
  // The helper takes everybody at their word, but the messages must be those of NTLM, over one connection.
  NTLM: [`auth_param ntlm program ${helpers}/ntlm_fake_auth`],
  Negotiate: [
    `auth_param negotiate program ${helpers}/negotiate_wrapper_auth --ntlm ${helpers}/ntlm_fake_auth --kerberos ${helpers}/negotiate_kerberos_auth`,
  ],
  // One user, who is `user` with the password `secret`.
  Basic: [`auth_param basic program ${helpers}/basic_ncsa_auth FOLDER/users`],
};
export type SquidScheme = keyof typeof schemes;

/** A real squid on a port of the loopback that lets through only who signs in. */
export interface Squid extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Method, status, target and user of what it has been asked. */
  log(): { readonly method: string; readonly status: string; readonly target: string; readonly user: string }[];
}

export async function startSquid(asksFor: readonly SquidScheme[]): Promise<Squid> {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-squid-'));
  chmodSync(folder, 0o777);
  // The password is `secret`.
  writeFileSync(join(folder, 'users'), 'user:$apr1$aaaaaaaa$MqchNCVdxX0pf/Qh4kRT.0\n');
  const port = await freePort();
  const settings = [
    `http_port 127.0.0.1:${port}`,
    ...asksFor.flatMap((scheme) => schemes[scheme].map((line) => line.replace('FOLDER', folder))),
    'acl signed proxy_auth REQUIRED',
    'http_access allow signed',
    'http_access deny all',
    'cache deny all',
    'visible_hostname localhost',
    'shutdown_lifetime 0 seconds',
    'logformat brief %rm %>Hs %ru %un',
    `access_log stdio:${folder}/access.log brief`,
    'buffered_logs off',
    `cache_log ${folder}/cache.log`,
    `pid_filename ${folder}/squid.pid`,
    `coredump_dir ${folder}`,
  ];
  writeFileSync(join(folder, 'squid.conf'), `${settings.join('\n')}\n`);
  const squid = spawn(program, ['-N', '-f', join(folder, 'squid.conf')], { stdio: 'ignore' });
  const exited = once(squid, 'exit');
  const stop = async () => {
    squid.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await listening(port, squid);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    log: () =>
      readFileSync(join(folder, 'access.log'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' '))
        .map(([method = '', status = '', target = '', user = '']) => ({ method, status, target, user })),
    [Symbol.asyncDispose]: stop,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function listening(port: number, { exitCode }: { readonly exitCode: number | null }): Promise<void> {
  for (const signal = AbortSignal.timeout(deadline(20_000)); ; await setTimeout(50, undefined, { signal })) {
    if (exitCode !== null) throw new Error(`squid ended with ${exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
  }
}
