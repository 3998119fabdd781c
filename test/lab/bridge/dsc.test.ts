import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { describeInLab } from '../../support/lab.js';
import { setUpOffice } from '../../support/office-bridge.js';

describeInLab('the DSC resource of Office on Windows', (lab) => {
  const available = '16.0.19929.20172';

  /** One call as DSC makes it, each in a process of its own; the registry and Office stay. */
  async function dsc(environment: Record<string, string>, operation: string, desired: object) {
    const child = spawn(lab.node, [lab.bridge, 'dsc', operation, 'C2RBridge/Office'], {
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(JSON.stringify(desired));
    const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
    const [out, err, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    if (exitCode !== 0) return { exitCode, error: JSON.parse(err.trim().split('\n').at(-1) ?? '{}').error };
    // The state, and the names of what differs or was changed.
    const [state = '', names = ''] = out.trim().split('\n');
    return { exitCode, state: JSON.parse(state), names: JSON.parse(names) };
  }

  test('finds the real registry not as wanted, drives the COM object, and is as wanted in the next process', async () => {
    const environment = setUpOffice(lab, { channel: 'Current', downloadMs: 200, applyMs: 200 });
    const desired = { version: available, channel: 'SemiAnnual' };
    const before = await dsc(environment, 'test', desired);
    expect(before.state).toMatchObject({
      _inDesiredState: false,
      channel: 'Current',
      version: '16.0.17928.20114',
      updateSourceRule: 'cdnBaseUrl',
    });
    expect(before.names).toEqual(['channel', 'version']);
    expect((await dsc(environment, 'set', desired)).state).toMatchObject({ _inDesiredState: true, version: available });
    expect((await dsc(environment, 'test', desired)).state).toMatchObject({
      _inDesiredState: true,
      channel: 'SemiAnnual',
      updateSourceRule: 'policyUpdateBranch',
    });
  });

  test('gives the exit code of the manifest where Office apps run', async () => {
    const environment = setUpOffice(lab, { blockingApps: ['WINWORD.EXE'] });
    const failed = await dsc(environment, 'set', { version: available });
    expect(failed).toEqual({ exitCode: 5, error: expect.stringContaining('WINWORD.EXE') });
  });
});
