import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { updateTaskFolder, updateTaskName } from '../../../src/c2r/registry-keys.js';
import { CLSID_TaskScheduler } from '../../../src/windows/abi/task-scheduler.js';
import { deadline } from '../../support/deadline.js';
import { describeInLab } from '../../support/lab.js';
import { startLabBridge } from '../../support/office-bridge.js';
import { openProbe, type Probe } from '../../support/run-probe.js';

const task = `${updateTaskFolder}\\${updateTaskName}`;

const definition = (enabled: boolean) => `\uFEFF<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Looks for updates.</Description></RegistrationInfo>
  <Triggers></Triggers>
  <Settings><Enabled>${enabled}</Enabled></Settings>
  <Actions><Exec><Command>C:\\windows\\system32\\whoami.exe</Command></Exec></Actions>
</Task>`;

describeInLab("the update task, through Wine's Task Scheduler", (lab) => {
  let probe: Probe;
  beforeAll(async () => {
    probe = await openProbe(lab);
  });

  const schtasks = (...args: string[]) => {
    const env = { ...process.env, ...lab.environment };
    execFileSync('wine', ['schtasks', ...args], { env, stdio: 'ignore', timeout: deadline(60_000) });
  };

  function create(enabled: boolean): void {
    const file = join(lab.driveC, 'lab', 'update-task.xml');
    writeFileSync(file, definition(enabled), 'utf16le');
    schtasks('/create', '/tn', task, '/xml', 'C:\\lab\\update-task.xml');
    rmSync(file);
  }

  afterEach(() => {
    try {
      schtasks('/delete', '/tn', task, '/f');
    } catch {
      // There was none.
    }
  });

  test('is told as absent where there is none', async () => {
    expect(await probe('updateTaskState')).toEqual({ result: null });
    expect((await probe('runUpdateTask')).error).toMatchObject({ hresult: -2147024894 });
  });

  test.each([true, false])('is found, with whether it is enabled: %s', async (enabled) => {
    create(enabled);
    expect(await probe('updateTaskState')).toEqual({ result: { enabled, running: false } });
  });

  test('is run; Wine itself says that it cannot', async () => {
    create(true);
    expect((await probe('runUpdateTask')).error).toMatchObject({
      source: 'IRegisteredTask::Run',
      message: expect.stringContaining('ot implemented'),
    });
  });
});

describeInLab('c2r/detect, through the interfaces of taskschd.h', (lab) => {
  const server = `HKLM\\SOFTWARE\\Classes\\CLSID\\${CLSID_TaskScheduler}\\InprocServer32`;
  const reg = (dll: string) => {
    const env = { ...process.env, ...lab.environment };
    execFileSync('wine', ['reg', 'add', server, '/ve', '/d', dll, '/f'], {
      env,
      stdio: 'ignore',
      timeout: deadline(60_000),
    });
  };
  beforeAll(() => reg('C:\\lab\\task-scheduler.dll'));
  afterAll(() => reg('C:\\windows\\system32\\taskschd.dll'));
  const start = (mode: string) => startLabBridge(lab, {}, { env: { C2R_LAB_TASK: mode } });

  test('runs the task, waits for it and tells what moved', async () => {
    await using bridge = start('ready');
    expect(await bridge.request('c2r/detect', { wait: true, pollMs: 100 })).toMatchObject({
      running: false,
      before: { detectedAt: null },
      after: { detectedAt: '2026-05-31T00:00:00.000Z' },
      moved: ['detectedAt'],
    });
    expect(await bridge.request('c2r/detect', { reset: true })).toMatchObject({
      reset: true,
      running: true,
      moved: [],
    });
  });

  test.each([
    ['missing', { type: 'NotAvailable', reason: 'taskMissing' }],
    ['disabled', { type: 'Blocked', reason: 'taskDisabled' }],
    ['denied', { type: 'AccessDenied', source: 'IRegisteredTask::Run' }],
  ])('a task that is %s is told as that', async (mode, data) => {
    await using bridge = start(mode);
    await expect(bridge.request('c2r/detect')).rejects.toMatchObject({ data });
  });
});
