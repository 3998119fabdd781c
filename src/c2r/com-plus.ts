import type { Check } from '../contract/bridge.js';
import { updateNotifyClasses } from './registry-keys.js';

type Finding = Pick<Check, 'ok' | 'detail' | 'recommendation'>;

/**
 * The COM+ application in which Office's object runs. Its number, identity and components are known from repair scripts of
 * several administrators, which agree; Microsoft publishes its name only.
 */
export const comPlusApplication = {
  name: 'OfficeC2RCom',
  id: '{F6B836D9-AF6A-4D05-9A19-E906A0F34770}',
  identity: 'NT AUTHORITY\\LocalService',
} as const;

/** What the COM+ catalogue says about it. */
export interface ComPlusFacts {
  readonly identity: string;
  /** CLSIDs of its components, in braces. */
  readonly components: readonly string[];
}

const repair =
  'Re-create it: turn management off with c2r/setManagement, restart the service ClickToRunSvc, delete the application OfficeC2RCom in Component Services (dcomcnfg) if it is still there, then turn management on and restart the service again; if it stays so, run an online repair of Office.';

const clsidOf = (key: string) => key.slice(key.lastIndexOf('{')).toUpperCase();

/** Whether the application is as Office sets it up; `facts` is null where there is none. */
export function comPlusFinding(facts: ComPlusFacts | null): Finding {
  const { name, id, identity } = comPlusApplication;
  if (facts === null) {
    return { ok: false, detail: `There is no COM+ application ${name} ${id}.`, recommendation: repair };
  }
  if (facts.identity.toLowerCase() !== identity.toLowerCase()) {
    const detail = `The COM+ application ${name} runs as ${facts.identity || 'an unknown account'} instead of ${identity}.`;
    return { ok: false, detail, recommendation: repair };
  }
  const components = facts.components.map((clsid) => clsid.toUpperCase());
  const missing = updateNotifyClasses.map(clsidOf).filter((clsid) => !components.includes(clsid));
  if (missing.length > 0) {
    const detail = `The COM+ application ${name} lacks the component ${missing.join(' and ')}.`;
    return { ok: false, detail, recommendation: repair };
  }
  return {
    ok: true,
    detail: `The COM+ application ${name} runs as ${identity} and has both components.`,
    recommendation: null,
  };
}
