import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unsigned } from '../../src/base/hresult.js';
import {
  channelSwitchKey,
  clickToRunKey,
  configurationKey32,
  configurationManagerKey,
  policyKey,
  targetVersionKey,
  updateNotifyClasses,
} from '../../src/c2r/registry-keys.js';
import { restartMarkers } from '../../src/c2r/restart-pending.js';
import { updateStatusNames } from '../../src/contract/c2r.js';
import { initialRegistry } from '../../src/simulated/office.js';
import { type Failure, type OfficeScenario, scenario } from '../../src/simulated/scenario.js';
import type { Lab } from '../lab/provision.mjs';
import { type Bridge, startBridge } from './bridge.js';
import type { OfficeSettings } from './c2r-suite.js';
import { deadline } from './deadline.js';

const serverFolder = 'C:\\Program Files\\Common Files\\Microsoft Shared\\ClickToRun';

/** What the fixture can do beyond what a scenario says. */
export interface FixtureSettings {
  /** The DLL that is registered; the fixture with its type library where absent. */
  readonly server?: string;
  /** Registers CLSID_UpdateNotifyObject alone, as an Office before 16.0.8208 does. */
  readonly olderClassOnly?: boolean;
  /** Registers a server that runs in a process of its own, as Office's does. */
  readonly outOfProcess?: boolean;
  /** More environment variables; office/office-c2r-com.h lists those of the fixture. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the bridge starts; matters to what Windows might search for DLLs. */
  readonly cwd?: string;
}

export const serverWithoutTypeLibrary = `${serverFolder}\\OfficeC2RCom-without-type-library.dll`;

/** The built bridge in the Windows build of Node, over the fixture that is registered as Office registers itself. */
export function startLabBridge(lab: Lab, settings: OfficeSettings = {}, fixture: FixtureSettings = {}): Bridge {
  return startBridge({
    command: lab.bridgeCommand,
    env: { ...process.env, ...setUpOffice(lab, settings, fixture) },
    ...(fixture.cwd === undefined ? {} : { cwd: fixture.cwd }),
  });
}

/** The same for a client that hands no variables on to its bridge, such as PowerShell: the registry has them. */
export function setUpOfficeInRegistry(lab: Lab, settings: OfficeSettings = {}, fixture: FixtureSettings = {}): void {
  const { office } = scenario.parse({ office: settings });
  const variables = Object.entries({ ...fixtureEnvironment(office), ...fixture.env });
  const values = variables.map(([name, value]) => [name.replace('C2R_LAB_', ''), value] as const);
  setUpRegistry(lab, office, fixture, { [`${serviceMemory}\\settings`]: Object.fromEntries(values) });
}

/** Registers the fixture as this Office, and gives the variables that a bridge must have for the fixture to play it. */
export function setUpOffice(lab: Lab, settings: OfficeSettings, fixture: FixtureSettings = {}): Record<string, string> {
  const { office } = scenario.parse({ office: settings });
  setUpRegistry(lab, office, fixture);
  return { ...fixtureEnvironment(office), ...fixture.env };
}

function fixtureEnvironment(office: OfficeScenario): Record<string, string> {
  const settings: Record<string, string | number | null> = {
    AVAILABLE_VERSION: office.availableVersion,
    STAGED_VERSION: office.initialStatus === 'DOWNLOAD_SUCCEEDED' ? office.availableVersion : null,
    DOWNLOAD_MS: office.downloadMs,
    APPLY_MS: office.applyMs,
    INITIAL_STATUS: updateStatusNames.indexOf(office.initialStatus),
    APPS: office.blockingApps.length > 0 ? office.blockingApps.join(',') : null,
    APPS_CLOSE_MS: office.appsCloseAfterMs,
    DENIED: office.elevated ? null : 1,
    FAIL: office.fail.map(failureText).join(';') || null,
    VANISH_MS: office.vanishAfterMs,
    VANISH_FOR_MS: office.vanishForMs ?? -1,
    VANISH_FORGETS: office.vanishForgets ? 1 : 0,
    ...Object.fromEntries(Object.entries(office.deploymentData).map(([type, text]) => [`DATA_${type}`, text])),
  };
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [`C2R_LAB_${name}`, String(value)]),
  );
}

/** The report of a failed action shows an HRESULT with eUNKNOWN (13) added. */
function failureText({ at, when, errorCode, hresult = 0 }: Failure): string {
  return `${at}:${when}:${errorCode ?? unsigned(when === 'end' ? unsigned(hresult) + 13 : hresult)}`;
}

type Keys = Readonly<Record<string, Readonly<Record<string, string | number | bigint>>>>;

const localServer = `${serverFolder}\\OfficeC2RServer.exe`;
/** Where the fixture keeps what its service does, so that another server process can go on with it. */
const serviceMemory = 'SOFTWARE\\c2r-bridge-lab';
/** IUpdateNotify and IUpdateNotify2 of office/office-c2r-com.idl. */
const interfaceIds = ['{7E1C0B54-6A5D-4C0B-9C1E-0F4B7B0A11C2}', '{7E1C0B55-6A5D-4C0B-9C1E-0F4B7B0A11C2}'];
/** As provision.mjs builds it into the proxy DLL. */
const proxyClass = '{7E1C0B56-6A5D-4C0B-9C1E-0F4B7B0A11C2}';
/** How calls get into another process. Wine's marshaller by type library knows no LPWSTR, so that there is a proxy DLL. */
const marshalling: Keys = {
  ...Object.fromEntries(
    interfaceIds.map((iid) => [`SOFTWARE\\Classes\\Interface\\${iid}\\ProxyStubClsid32`, { '': proxyClass }]),
  ),
  [`SOFTWARE\\Classes\\CLSID\\${proxyClass}\\InprocServer32`]: {
    '': `${serverFolder}\\OfficeC2RProxy.dll`,
    ThreadingModel: 'Both',
  },
};

/** Takes away what an earlier bridge left, and writes what an Office in this state has. */
function setUpRegistry(lab: Lab, office: OfficeScenario, fixture: FixtureSettings, more: Keys = {}): void {
  const stale = [
    clickToRunKey,
    configurationKey32,
    configurationManagerKey,
    ...restartMarkers,
    channelSwitchKey,
    targetVersionKey,
    policyKey,
    policyKey.replace('Microsoft', 'Microsoft\\cloud'),
    serviceMemory,
    ...updateNotifyClasses,
  ];
  const values = initialRegistry(office);
  const older = updateNotifyClasses[1];
  const classes = updateNotifyClasses.filter((key) => key in values && (!fixture.olderClassOnly || key === older));
  const servers: Keys = fixture.outOfProcess
    ? { ...Object.fromEntries(classes.map((key) => [`${key}\\LocalServer32`, { '': localServer }])), ...marshalling }
    : Object.fromEntries(
        classes.map((key) => [
          `${key}\\InprocServer32`,
          { '': fixture.server ?? `${serverFolder}\\OfficeC2RCom.dll`, ThreadingModel: 'Both' },
        ]),
      );
  const kept = Object.entries(values).filter(
    ([key]) => classes.includes(key as never) || !updateNotifyClasses.includes(key as never),
  );
  importRegistry(lab, stale, { ...Object.fromEntries(kept), ...office.registry, ...servers, ...more });
}

/** One `reg import`, since each process under Wine costs a quarter of a second. */
function importRegistry(lab: Lab, stale: readonly string[], keys: Keys): void {
  const root = 'HKEY_LOCAL_MACHINE';
  const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
  const data = (value: string | number | bigint) =>
    typeof value === 'string' ? quoted(value) : `dword:${value.toString(16).padStart(8, '0')}`;
  const lines = [
    'Windows Registry Editor Version 5.00',
    ...stale.flatMap((key) => ['', `[-${root}\\${key}]`]),
    ...Object.entries(keys).flatMap(([key, values]) => [
      '',
      `[${root}\\${key}]`,
      ...Object.entries(values).map(([name, value]) => `${name === '' ? '@' : quoted(name)}=${data(value)}`),
    ]),
    '',
  ];
  const folder = mkdtempSync(join(tmpdir(), 'c2r-lab-'));
  try {
    const file = join(folder, 'office.reg');
    writeFileSync(file, `\uFEFF${lines.join('\r\n')}`, 'utf16le');
    const env = { ...process.env, ...lab.environment };
    execFileSync('wine', ['reg', 'import', `Z:${file}`], { env, stdio: 'ignore', timeout: deadline(30_000) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
