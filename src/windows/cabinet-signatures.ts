import koffi = require('koffi');

import type { CabinetSignatures } from '../content/cabinet-signatures.js';
import { hresultHex } from '../contract/hresult.js';
import { wintrust as wintrustTable } from './abi/wintrust.js';
import { loadSystemDll } from './dll.js';
import { windowsText } from './errors.js';
import { guidBytes } from './guid.js';

/** WINTRUST_ACTION_GENERIC_VERIFY_V2: Authenticode, with the trust that the machine's policy gives. */
const GENERIC_VERIFY = '{00AAC56B-CD44-11D0-8CC2-00C04FC295EE}';
/** INVALID_HANDLE_VALUE as the window: there is no interactive user. */
const NO_WINDOW = 0xffff_ffff_ffff_ffffn;
const WTD_UI_NONE = 2;
const WTD_REVOKE_NONE = 0;
const WTD_CHOICE_FILE = 1;
const WTD_STATEACTION_VERIFY = 1;
const WTD_STATEACTION_CLOSE = 2;
/** Verifying an image needs no network. */
const WTD_CACHE_ONLY_URL_RETRIEVAL = 0x1000;

/** Sizes and offsets of WINTRUST_FILE_INFO and WINTRUST_DATA on x64. https://learn.microsoft.com/windows/win32/api/wintrust/ns-wintrust-wintrust_data */
const fileInfo = { size: 32, cbStruct: 0, pcwszFilePath: 8 } as const;
const data = {
  size: 88,
  cbStruct: 0,
  dwUIChoice: 24,
  fdwRevocationChecks: 28,
  dwUnionChoice: 32,
  pFile: 40,
  dwStateAction: 48,
  dwProvFlags: 72,
} as const;

/** Authenticode by WinVerifyTrust, off the event loop. */
export const cabinetSignatures: CabinetSignatures = {
  async fault(file) {
    const { WinVerifyTrust } = loadSystemDll('wintrust.dll', wintrustTable);
    const path = Buffer.from(`${file}\0`, 'utf16le');
    // All in one block, which the call itself keeps alive: the structures refer to each other by address alone.
    const trust = Buffer.concat([Buffer.alloc(data.size + fileInfo.size), path]);
    const address = koffi.address(trust);
    const info = trust.subarray(data.size);
    info.writeUInt32LE(fileInfo.size, fileInfo.cbStruct);
    info.writeBigUInt64LE(address + BigInt(data.size + fileInfo.size), fileInfo.pcwszFilePath);
    trust.writeUInt32LE(data.size, data.cbStruct);
    trust.writeUInt32LE(WTD_UI_NONE, data.dwUIChoice);
    trust.writeUInt32LE(WTD_REVOKE_NONE, data.fdwRevocationChecks);
    trust.writeUInt32LE(WTD_CHOICE_FILE, data.dwUnionChoice);
    trust.writeBigUInt64LE(address + BigInt(data.size), data.pFile);
    trust.writeUInt32LE(WTD_STATEACTION_VERIFY, data.dwStateAction);
    trust.writeUInt32LE(WTD_CACHE_ONLY_URL_RETRIEVAL, data.dwProvFlags);
    const action = guidBytes(GENERIC_VERIFY);
    const result = await WinVerifyTrust.onPool(NO_WINDOW, action, trust);
    trust.writeUInt32LE(WTD_STATEACTION_CLOSE, data.dwStateAction);
    WinVerifyTrust(NO_WINDOW, action, trust);
    return result === 0 ? null : `${hresultHex(result)} ${windowsText(result) ?? ''}`.trim();
  },
};
