import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Threads for calls that block. With Node's own four, two clients that do not return from their callbacks, or four reads of
 * a share that does not answer, would hold all others. Each thread costs memory, under Wine a megabyte.
 */
const poolThreads = 16;

/** The server keeps little: neither a large young generation nor threads that collect it side by side are worth their memory. */
const v8Options = ['--max-semi-space-size=1', '--v8-pool-size=1'];

/**
 * Runs the server in a process of its own, whose thread pool is large enough, and gives its exit code. Windows' C runtime
 * reads the variable before the first line of JavaScript runs, so that a process cannot enlarge its own pool. COM takes the
 * class from whichever process of the same account registers it.
 */
export async function launchComServer(argument: string): Promise<number> {
  const child = spawn(process.execPath, [...v8Options, ...process.argv.slice(1), argument], {
    env: { ...process.env, UV_THREADPOOL_SIZE: String(poolThreads) },
    stdio: 'inherit',
    windowsHide: true,
  });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}
