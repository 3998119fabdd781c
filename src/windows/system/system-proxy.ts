import koffi = require('koffi');

import type { ProxyConfiguration } from '../../content/port.js';
import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import { winhttp as winhttpTable } from '../abi/winhttp.js';
import { loadSystemDll } from '../native/dll.js';
import { lastErrorOf } from '../native/failed-calls.js';
import { pointerAt, textAt } from '../native/native.js';

const WINHTTP_ACCESS_TYPE_NO_PROXY = 1;
const WINHTTP_ACCESS_TYPE_NAMED_PROXY = 3;
const WINHTTP_AUTOPROXY_AUTO_DETECT = 1;
const WINHTTP_AUTOPROXY_CONFIG_URL = 2;
/** DHCP and DNS. */
const WINHTTP_AUTO_DETECT_BOTH = 3;

/** Sizes and offsets on x64 and arm64. https://learn.microsoft.com/windows/win32/api/winhttp/ns-winhttp-winhttp_current_user_ie_proxy_config */
const userConfig = { size: 32, fAutoDetect: 0, lpszAutoConfigUrl: 8, lpszProxy: 16, lpszProxyBypass: 24 } as const;
/** https://learn.microsoft.com/windows/win32/api/winhttp/ns-winhttp-winhttp_proxy_info */
const proxyInfo = { size: 24, dwAccessType: 0, lpszProxy: 8, lpszProxyBypass: 16 } as const;
/** https://learn.microsoft.com/windows/win32/api/winhttp/ns-winhttp-winhttp_autoproxy_options */
const options = { size: 32, dwFlags: 0, dwAutoDetectFlags: 4, lpszAutoConfigUrl: 8 } as const;

const winhttp = loadSystemDll('winhttp.dll', winhttpTable);
const kernel32 = loadSystemDll('kernel32.dll', kernel32Table);

let session: bigint | undefined;
/** One for the life of the process: WinHTTP keeps the script of a session. */
function openSession(): bigint {
  session ??= winhttp.WinHttpOpen('c2r-bridge', WINHTTP_ACCESS_TYPE_NO_PROXY, null, null, 0) ?? undefined;
  if (session === undefined) throw lastErrorOf('WinHttpOpen');
  return session;
}

/**
 * The proxies for a URL: by detection or by script where the user's settings say so and that works, else the ones that the
 * user's settings name, else those of the machine (`netsh winhttp`). Null where none of them names any.
 */
export async function proxyFor(url: string): Promise<ProxyConfiguration | null> {
  const user = userSettings();
  if (user) {
    const found =
      (user.detects && (await byScript(url, null))) || (user.script !== '' && (await byScript(url, user.script)));
    if (found) return found.proxies === '' ? null : found;
    if (user.proxies !== '') return { proxies: user.proxies, bypass: user.bypass };
  }
  const info = Buffer.alloc(proxyInfo.size);
  return winhttp.WinHttpGetDefaultProxyConfiguration(info) === 0 ? null : (named(info) ?? null);
}

/** The settings of the user whom this process runs as; null where there are none to be had, as for some services. */
function userSettings(): { detects: boolean; script: string; proxies: string; bypass: string } | null {
  const config = Buffer.alloc(userConfig.size);
  if (winhttp.WinHttpGetIEProxyConfigForCurrentUser(config) === 0) return null;
  return {
    detects: config.readInt32LE(userConfig.fAutoDetect) !== 0,
    script: takeText(config, userConfig.lpszAutoConfigUrl),
    proxies: takeText(config, userConfig.lpszProxy),
    bypass: takeText(config, userConfig.lpszProxyBypass),
  };
}

/**
 * What a script says. Its server is told nothing of who asks: fAutoLogonIfChallenged stays off. The script where
 * none is named; null where it cannot be had or does not work.
 */
async function byScript(url: string, script: string | null): Promise<ProxyConfiguration | null> {
  const name = Buffer.from(`${script ?? ''}\0`, 'utf16le');
  // All in one block, which the call itself keeps alive.
  const asked = Buffer.concat([Buffer.alloc(options.size), name]);
  asked.writeUInt32LE(script === null ? WINHTTP_AUTOPROXY_AUTO_DETECT : WINHTTP_AUTOPROXY_CONFIG_URL, options.dwFlags);
  if (script === null) asked.writeUInt32LE(WINHTTP_AUTO_DETECT_BOTH, options.dwAutoDetectFlags);
  else asked.writeBigUInt64LE(koffi.address(asked) + BigInt(options.size), options.lpszAutoConfigUrl);
  const info = Buffer.alloc(proxyInfo.size);
  if ((await winhttp.WinHttpGetProxyForUrl.onPool(openSession(), url, asked, info)) === 0) return null;
  return named(info) ?? { proxies: '', bypass: '' };
}

/** The proxies that a structure names; null where it says to use none. */
function named(info: Buffer): ProxyConfiguration | null {
  const proxies = takeText(info, proxyInfo.lpszProxy);
  const bypass = takeText(info, proxyInfo.lpszProxyBypass);
  const isNamed = info.readUInt32LE(proxyInfo.dwAccessType) === WINHTTP_ACCESS_TYPE_NAMED_PROXY;
  return isNamed && proxies !== '' ? { proxies, bypass } : null;
}

/** The text at a pointer within a structure, which is freed; empty for none. */
function takeText(structure: Buffer, offset: number): string {
  const at = pointerAt(structure, offset);
  if (at === null) return '';
  const text = textAt(at);
  kernel32.GlobalFree(at);
  return text;
}
