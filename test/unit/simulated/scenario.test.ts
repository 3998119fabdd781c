import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { loadScenario, ScenarioError } from '../../../src/simulated/scenario.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-scenario-'));
  folders.push(folder);
  const path = join(folder, 'scenario.json');
  writeFileSync(path, text);
  return path;
}

function refusal(source: string): string {
  try {
    loadScenario(source);
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    expect((error as Error).message).not.toMatch(/\n/);
    return (error as Error).message;
  }
  throw new Error(`accepted ${source}`);
}

test('every key is optional, and a healthy machine with an update is what is left', () => {
  expect(loadScenario('{}')).toMatchObject({
    office: {
      installed: true,
      installedVersion: '16.0.17928.20114',
      availableVersion: '16.0.19929.20172',
      channel: 'MonthlyEnterprise',
      comRegistered: true,
      elevated: true,
      blockingApps: [],
      fail: [],
      vanishAfterMs: null,
    },
    defender: { present: true, serviceRunning: true, result: 0, rebootRequired: false },
  });
  expect(loadScenario('{"office": {"downloadMs": 1}}').office).toMatchObject({ downloadMs: 1, applyMs: 800 });
});

test('a scenario may say everything that it can', () => {
  const everything = {
    office: {
      installedVersion: '16.0.17928.20114',
      availableVersion: '16.0.19929.20172',
      channel: 'MonthlyEnterprise',
      downloadMs: 1500,
      applyMs: 800,
      blockingApps: ['WINWORD.EXE'],
      comRegistered: true,
      installed: true,
      elevated: true,
      initialStatus: 'UPDATE_UNKNOWN',
      fail: [
        { at: 'download', errorCode: 9 },
        { at: 'apply', hresult: '0x80070070' },
        { at: 'cancel', hresult: '0x8000000E', when: 'call' },
      ],
      vanishAfterMs: null,
    },
    defender: {
      result: '0x00000000',
      updates: 3,
      durationMs: 1200,
      rebootRequired: false,
      serviceRunning: true,
      present: true,
    },
  };
  expect(loadScenario(JSON.stringify(everything)).office.fail[1]).toEqual({
    at: 'apply',
    hresult: -2147024784,
    when: 'end',
  });
});

test('a file for the state is named by its full path: the bridge works in another folder than its caller', () => {
  expect(refusal('{"statePath": "./machine.json"}')).toBe(
    'The scenario cannot be used: statePath: must be the full path of a file',
  );
});

test('a file is read, with or without a BOM', () => {
  expect(loadScenario(file('\uFEFF{"office": {"installed": false}}')).office.installed).toBe(false);
});

test('a refusal is one line that names the key, the value that is wrong, and the file', () => {
  expect(refusal('{"office": {"downloadMS": 1}}')).toBe(
    'The scenario cannot be used: office: Unrecognized key: "downloadMS"',
  );
  expect(refusal('{"surface": {}}')).toContain('"surface"');
  expect(refusal('{"office": {"installedVersion": "15.0.1.1"}}')).toContain('office.installedVersion: must be');
  expect(refusal('{"office": {"fail": [{"at": "download"}]}}')).toContain('office.fail.0: needs either');
  expect(refusal('{"office": {"fail": [{"at": "apply", "errorCode": 1, "hresult": "0x1"}]}}')).toContain('either');
  expect(refusal('{"office": {"fail": [{"at": "apply", "errorCode": 1, "when": "call"}]}}')).toContain('give hresult');
  expect(refusal('{"office": {"fail": [{"at": "reboot", "errorCode": 1}]}}')).toContain('office.fail.0.at');
  expect(refusal('{"office": {"channel": "Monthly"}}')).toContain('office.channel');
  expect(refusal('{"office": ')).toMatch(/^The scenario is not JSON: /);
  const path = file('[]');
  expect(refusal(path)).toContain(`The scenario ${path} cannot be used: `);
  expect(refusal('/nowhere/scenario.json')).toBe('The scenario /nowhere/scenario.json does not exist');
});
