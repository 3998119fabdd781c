import koffi = require('koffi');

import { REGDB_E_CLASSNOTREG } from '../../base/hresult.js';
import { HResultError } from '../../base/hresult-error.js';
import { comPlusFinding } from '../../c2r/com-plus.js';
import type { Check } from '../../contract/bridge.js';
import { knownUpdateNotify2 } from '../abi/update-notify.js';
import { isElevated } from '../security/security.js';
import { isWritable, registry } from '../system/registry.js';
import { serviceState } from '../system/service.js';
import { comPlusFacts } from './com-plus.js';
import { serverFault } from './update-notify.js';
import { findUpdateNotifyClass, type UpdateNotifyClass } from './update-notify-class.js';

type Finding = Pick<Check, 'ok' | 'detail' | 'recommendation'>;

const good = (detail: string): Finding => ({ ok: true, detail, recommendation: null });
const bad = (detail: string, recommendation: string): Finding => ({ ok: false, detail, recommendation });
const notApplicable = (detail: string): Finding => ({ ok: null, detail, recommendation: null });

/** https://learn.microsoft.com/windows/win32/cossdk/com--security: where COM+ says whether it may be used. */
const comPlusKey = 'SOFTWARE\\Microsoft\\COM3';
/** Below it lie the policies that `c2r/setManagement` writes. */
const policiesKey = 'SOFTWARE\\Policies';
const officeService = 'ClickToRunSvc';

/** What an Office update needs of Windows, and only Windows can tell. Never throws. */
export async function officeChecks(): Promise<Check[]> {
  const found = await findUpdateNotifyClass().catch((error: Error) => error);
  return Promise.all([
    check('bridge', 'bridge.koffi', () => good(`koffi ${koffi.version} is loaded.`)),
    check('bridge', 'bridge.elevation', elevation),
    check('bridge', 'bridge.writeAccess', writeAccess),
    check('office', 'office.comServer', () => comServer(found)),
    check('office', 'office.typeLibrary', () => typeLibrary(found)),
    check('office', 'office.comPlus', comPlus),
    check('office', 'office.comPlusApplication', () => comPlusApplication(found)),
    check('office', 'office.service', service),
  ]);
}

async function check(area: Check['area'], id: string, find: () => Finding | Promise<Finding>): Promise<Check> {
  try {
    return { id, area, ...(await find()) };
  } catch (error) {
    return {
      id,
      area,
      ...bad(`The check failed: ${(error as Error).message}`, 'Run the bridge elevated and see its log.'),
    };
  }
}

function elevation(): Finding {
  return isElevated()
    ? good('The bridge runs with the rights of an administrator.')
    : bad('The bridge runs without the rights of an administrator.', 'Run elevated: as an administrator or as SYSTEM.');
}

function writeAccess(): Finding {
  return isWritable(policiesKey)
    ? good(`Policies can be written (HKLM\\${policiesKey}).`)
    : bad(`Policies cannot be written (HKLM\\${policiesKey}).`, 'Run elevated: as an administrator or as SYSTEM.');
}

async function comServer(found: UpdateNotifyClass | Error): Promise<Finding> {
  if (isUnregistered(found)) return notApplicable('Not looked at: the COM object is not registered.');
  if (found instanceof Error)
    return bad(found.message, 'Repair Office: its COM registration or its files are damaged.');
  const fault = await serverFault();
  if (fault) return bad(fault.message, fault.data.recommendation);
  const { clsid, server } = found;
  return server === null
    ? good(`${clsid} is registered without a DLL of its own.`)
    : good(`${clsid} is served by ${server}, which only administrators can change.`);
}

function typeLibrary(found: UpdateNotifyClass | Error): Finding {
  if (found instanceof Error) return notApplicable('Not read: the COM object cannot be used.');
  const { iid, name, slots } = found.interface;
  const known = `known table: ${layout('IUpdateNotify2', knownUpdateNotify2.iid, Object.entries(knownUpdateNotify2.slots))}`;
  if (found.from === 'typeLibrary') return good(`Read ${layout(name, iid, [...slots])}; ${known}.`);
  const why = found.libraryError ? ` (${found.libraryError.message})` : '';
  return bad(
    `Office's type library was not read${why}; calls go by the ${known}.`,
    'Repair Office if calls fail: OfficeC2RCom.dll carries no type library or a damaged one.',
  );
}

function layout(name: string, iid: string, slots: readonly (readonly [string, number])[]): string {
  const ordered = [...slots].filter(([, slot]) => slot >= 3).sort(([, a], [, b]) => a - b);
  return `${name} ${iid} ${ordered.map(([method, slot]) => `${method}=${slot}`).join(' ')}`;
}

async function comPlus(): Promise<Finding> {
  const enabled = (await registry.values(comPlusKey))?.get('Com+Enabled');
  if (enabled === undefined) return notApplicable(`Windows does not say whether COM+ is on (HKLM\\${comPlusKey}).`);
  return enabled === 1
    ? good('COM+ is on.')
    : bad(
        'COM+ is off, so that Office cannot register its object.',
        `Set Com+Enabled in HKLM\\${comPlusKey} to 1 and restart.`,
      );
}

async function comPlusApplication(found: UpdateNotifyClass | Error): Promise<Finding> {
  if (isUnregistered(found)) return notApplicable('Not looked at: the COM object is not registered.');
  try {
    return comPlusFinding(await comPlusFacts());
  } catch (error) {
    return notApplicable(`The COM+ catalogue cannot be read: ${(error as Error).message}`);
  }
}

function service(): Finding {
  const state = serviceState(officeService);
  if (state === null) return bad(`There is no service ${officeService}.`, 'Install or repair Microsoft 365 Apps.');
  return state === 'running'
    ? good(`The service ${officeService} runs.`)
    : bad(`The service ${officeService} is ${state}.`, `Start it: Start-Service ${officeService}.`);
}

function isUnregistered(found: UpdateNotifyClass | Error): boolean {
  return found instanceof HResultError && found.hresult === REGDB_E_CLASSNOTREG;
}
