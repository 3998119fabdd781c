import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { deadline } from '../../support/deadline.js';
import { describeInLab } from '../../support/lab.js';
import { startLabBridge } from '../../support/office-bridge.js';

describeInLab('the bridge as a Windows process', (lab) => {
  test('a session opens with what Windows says about the process, and ends with code 0', async () => {
    await using bridge = startLabBridge(lab);
    expect(await bridge.request('initialize', { protocolVersion: 1 })).toEqual({
      protocolVersion: 1,
      server: { name: 'c2r-bridge', version: expect.any(String) },
      backend: 'windows',
      process: { pid: expect.any(Number), node: lab.nodeVersion, arch: 'x64', elevated: true },
    });
    expect(await bridge.stop()).toBe(0);
  });

  test('a byte order mark before the first header does no harm', async () => {
    const child = spawn(lab.node, [lab.bridge, '--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'bridge/ping' });
    child.stdin.end(`\uFEFFContent-Length: ${body.length}\r\n\r\n${body}`);
    const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(out.split('\r\n\r\n')[1]).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
    expect(code).toBe(0);
  });

  test('a scenario in the environment is refused where it would be Windows that answers', () => {
    const status = (variables: Record<string, string>, ...options: string[]) =>
      spawnSync(lab.node, [lab.bridge, ...options, 'call', 'c2r/status'], {
        encoding: 'utf8',
        env: { ...process.env, ...lab.environment, C2R_SIMULATION: '{}', ...variables },
        timeout: deadline(60_000),
      });
    expect(status({})).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('C2R_BACKEND=simulated'),
    });
    expect(status({ C2R_BACKEND: 'windows' })).toMatchObject({ status: 2 });
    expect(status({ C2R_BACKEND: 'simulated' }).stdout).toContain('"backend":"simulated"');
    // The command line goes before.
    const chosen = status({}, '--backend', 'windows');
    expect(chosen.stdout + chosen.stderr).toContain('"backend":"windows"');
  });

  test('a log file that Windows does not have is refused, and one that is rotated is begun anew', async () => {
    const call = ['call', 'bridge/ping'];
    const options = {
      encoding: 'utf8',
      env: { ...process.env, ...lab.environment },
      timeout: deadline(60_000),
    } as const;
    const { status, stderr } = spawnSync(lab.node, [lab.bridge, '--log-file', 'C:\\NUL', ...call], options);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('names the device NUL') });
    const folder = await mkdtemp(join(lab.driveC, 'c2r-log-'));
    try {
      const file = `C:\\${basename(folder)}\\bridge.log`;
      const args = ['--log-level', 'debug', '--log-file', file];
      await using bridge = startBridge({ command: lab.bridgeCommand, args, env: options.env });
      await bridge.request('bridge/ping');
      const rotated = join(folder, 'bridge.log');
      await rename(rotated, `${rotated}.1`);
      await setTimeout(1100);
      await bridge.request('bridge/ping');
      await bridge.stop();
      expect(await readFile(rotated, 'utf8')).toContain('"message"');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a request of 16 MB arrives whole', async () => {
    await using bridge = startLabBridge(lab);
    const name = 'x'.repeat(16 << 20);
    const refusal = await bridge.request('c2r/deploymentData', { dataType: 1, name }).catch((error) => error);
    expect(refusal).toMatchObject({ code: -32602, data: { issues: [{ path: 'name' }] } });
    expect(await bridge.request('bridge/ping')).toEqual({});
  });

  test('without its native files it still answers, stages content, and says what is missing', async () => {
    const folder = await mkdtemp(join(lab.driveC, 'c2r-'));
    try {
      await cp(dirname(lab.bridge), folder, { recursive: true, filter: (file) => !file.endsWith('.node') });
      await using bridge = startBridge({ command: [lab.node, join(folder, basename(lab.bridge))] });
      expect(await bridge.request('initialize', { protocolVersion: 1 })).toMatchObject({
        process: { elevated: false },
      });
      const { checks } = await bridge.request('bridge/doctor');
      expect(checks).toMatchObject([
        { id: 'bridge.koffi', ok: false, recommendation: expect.stringContaining('Install') },
      ]);
      for (const method of ['c2r/status', 'defender/status', 'bits/list']) {
        const refusal = await bridge.request(method).catch((error) => error);
        expect(refusal).toMatchObject({ code: 1002, data: { reason: 'damagedInstallation' } });
      }
      const moreInfoUrl = 'http://go.microsoft.com/fwlink/?ServicePath=https://config.office.com/api/filelist?Arch=64';
      expect(await bridge.request('content/servicePath', { moreInfoUrl })).toMatchObject({ arch: 'x64' });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('the end of the parent process ends the bridge, though stdin stays open', async () => {
    const parent = spawn(lab.node, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)']);
    const [line] = await once(parent.stdout.setEncoding('utf8'), 'data');
    await using bridge = startLabBridge(lab);
    await bridge.request('initialize', { protocolVersion: 1, parentProcessId: Number(line) });
    const ended = once(bridge.process, 'exit', { signal: AbortSignal.timeout(deadline(10_000)) });
    parent.kill('SIGKILL');
    expect((await ended)[0]).toBe(0);
  });
});
