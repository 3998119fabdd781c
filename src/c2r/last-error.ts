import { hresultName, isFailure, signed } from '../base/hresult.js';
import { generalAdvice, generalText } from '../base/hresult-error.js';
import type { LastError } from '../contract/c2r.js';
import type { Registry } from './port.js';
import { clickToRunKey, updateScenarioKey, updatesKey, updateTasksKey } from './registry-keys.js';
import { readFact } from './registry-values.js';

type Meaning = Pick<LastError, 'text' | 'recommendation' | 'confidence'>;

const logs = 'the Click-to-Run log in %windir%\\Temp says more';

const network: Meaning = {
  text: 'Click-to-Run could not reach its update source.',
  recommendation: `Check the network, the proxy, the firewall and name resolution, then try again; ${logs}.`,
  confidence: 'medium',
};
const notDownloaded: Meaning = {
  text: 'Click-to-Run could not download a file that it needs.',
  recommendation: `Check the network and that the update source has this version in full, then try again; ${logs}.`,
  confidence: 'medium',
};
const diskSpace: Meaning = {
  text: 'Click-to-Run did not find enough disk space.',
  recommendation: 'Free disk space on the system drive, then try again.',
  confidence: 'medium',
};
const interrupted: Meaning = {
  text: 'The download of Click-to-Run was interrupted.',
  recommendation: `Try again; if it happens again, check the network and exclude the update source from inspection; ${logs}.`,
  confidence: 'low',
};
const notApplied: Meaning = {
  text: 'Click-to-Run could not carry out the update.',
  recommendation: `Close the Office apps, restart the device and try again; if it stays so, run a quick repair and then an online repair of Office; ${logs}.`,
  confidence: 'low',
};

/**
 * Click-to-Run's codes are a family, a detail behind a hyphen, and at times an HRESULT as a signed number in brackets:
 * `30182-1011 (-2147012867)`. Microsoft publishes no list of them. What stands here is what its support pages and reports of
 * administrators have in common.
 */
const families: ReadonlyMap<string, Meaning> = new Map([
  ['30088', notApplied],
  ['30125', interrupted],
  ['30174', network],
  ['30175', network],
  ['30180', interrupted],
  ['30182', notDownloaded],
  ['30183', notDownloaded],
  ['30102', diskSpace],
  ['30103', diskSpace],
]);

/** Details that say more than the family does. */
const details: ReadonlyMap<string, Meaning> = new Map([
  ['1005', network],
  ['1011', network],
  ['1015', network],
]);

const unknown: Meaning = {
  text: 'Click-to-Run failed with a code that is not published.',
  recommendation: `Try again; if it fails again, repair Office; ${logs}.`,
  confidence: 'low',
};

/** What a value says in which Click-to-Run keeps an error; null for one that says that there is none. */
export function decodeLastError(raw: string, source: string, scenario: string | null): LastError | null {
  const [, family = '', detail = '', bracketed = ''] = /\b(30\d{3})-(\d{1,7})(?:\s*\((-?\d{1,10})\))?/.exec(raw) ?? [];
  const code = family === '' ? null : `${family}-${detail}`;
  if (code === null && /^(0|0x0+|none|success(ful)?)?$/i.test(raw.trim())) return null;
  const hresult = hresultIn(code === null ? raw : bracketed);
  const meaning = details.get(detail) ?? families.get(family) ?? unknown;
  return {
    code,
    hresult,
    ...(hresult === null ? { hresultName: null, ...meaning } : withHResult(hresult, meaning)),
    scenario,
    source,
    raw: raw.slice(0, 500),
  };
}

/** An HRESULT says more than a code of which nothing certain is known. */
function withHResult(hresult: number, meaning: Meaning): Meaning & Pick<LastError, 'hresultName'> {
  const isVague = meaning === unknown || meaning === notApplied;
  return {
    hresultName: hresultName(hresult),
    text: (isVague ? generalText(hresult) : null) ?? meaning.text,
    recommendation: generalAdvice(hresult) ?? meaning.recommendation,
    confidence: meaning.confidence,
  };
}

/** An HRESULT that fails, as a signed or hexadecimal number. */
function hresultIn(text: string): number | null {
  const [number] = /^\s*(-\d{9,10}|\d{10}|0x[0-9a-f]{8})\s*$/i.exec(text) ?? [];
  const value = Number(number);
  return number !== undefined && value >= -0x8000_0000 && value <= 0xffff_ffff && isFailure(value)
    ? signed(value)
    : null;
}

/**
 * What Click-to-Run itself keeps about its last failure; null where there is none, or where its last run succeeded.
 * LastScenario and LastScenarioResult are read by several scripts of the field, as are the states of the tasks of an update;
 * LastUpdateError by one, without saying how it looks.
 */
export async function lastError(registry: Registry): Promise<LastError | null> {
  const [own, scenario, updates, tasks] = await Promise.all(
    [clickToRunKey, updateScenarioKey, updatesKey, updateTasksKey].map((key) => readFact(registry, key)),
  );
  const name = own?.text('LastScenario') ?? null;
  const result = own?.text('LastScenarioResult') ?? null;
  if (result !== null && /^(success(ful)?|succeeded|completed|0)$/i.test(result)) return null;
  for (const [key, values] of [
    [updateScenarioKey, scenario],
    [updatesKey, updates],
  ] as const) {
    const raw = values?.shown('LastUpdateError') ?? null;
    const decoded = raw === null ? null : decodeLastError(raw, `HKLM\\${key}: LastUpdateError`, name ?? 'UPDATE');
    if (decoded) return decoded;
  }
  if (result !== null) {
    const source = `HKLM\\${clickToRunKey}: LastScenarioResult`;
    return decodeLastError(result, source, name) ?? notSaid(source, result, name);
  }
  const failed = tasks?.names().find((task) => /FAILED/i.test(tasks.text(task) ?? ''));
  return failed === undefined
    ? null
    : notSaid(`HKLM\\${updateTasksKey}: ${failed}`, tasks?.text(failed) ?? '', 'UPDATE');
}

/** A failure without a code. */
function notSaid(source: string, raw: string, scenario: string | null): LastError {
  return {
    code: null,
    hresult: null,
    hresultName: null,
    ...notApplied,
    scenario,
    source,
    raw: raw.slice(0, 500),
  };
}
