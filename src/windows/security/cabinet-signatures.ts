import koffi = require('koffi');

import { hresultHex } from '../../base/hresult.js';
import type { CabinetSignatures } from '../../content/port.js';
import { crypt32 as crypt32Table } from '../abi/crypt32.js';
import { wintrust as wintrustTable } from '../abi/wintrust.js';
import { loadSystemDll } from '../native/dll.js';
import { windowsText } from '../native/failed-calls.js';
import { guidBytes } from '../native/guid.js';
import { bytesAt, pointerAt } from '../native/native.js';

/** WINTRUST_ACTION_GENERIC_VERIFY_V2: Authenticode, with the trust that the machine's policy gives. */
const genericVerify = '{00AAC56B-CD44-11D0-8CC2-00C04FC295EE}';
/** INVALID_HANDLE_VALUE as the window: no user is asked. */
const noWindow = 0xffff_ffff_ffff_ffffn;
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
  hWVTStateData: 56,
  dwProvFlags: 72,
} as const;

/** The same of CRYPT_PROVIDER_SGNR and CRYPT_PROVIDER_CERT. https://learn.microsoft.com/windows/win32/api/wintrust/ns-wintrust-crypt_provider_sgnr */
const signer = { size: 64, pChainContext: 56 } as const;
const certificate = { size: 16, pCert: 8 } as const;

/** https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certverifycertificatechainpolicy */
const CERT_CHAIN_POLICY_MICROSOFT_ROOT = 7n;
/** Asks for Microsoft's root of 2011 instead of those before it. Office's cabinets were signed below either. */
const MICROSOFT_ROOT_CERT_CHAIN_POLICY_CHECK_APPLICATION_ROOT_FLAG = 0x20000;
/** CERT_CHAIN_POLICY_PARA and CERT_CHAIN_POLICY_STATUS on x64. */
const policy = { size: 16, cbSize: 0, dwFlags: 4 } as const;
const policyStatus = { size: 24, cbSize: 0, dwError: 4 } as const;

const CERT_NAME_ATTR_TYPE = 3;
/** szOID_ORGANIZATION_NAME, as the API takes it. */
const organizationName = Buffer.from('2.5.4.10\0', 'latin1');
const microsoft = 'Microsoft Corporation';

/** Authenticode by WinVerifyTrust, off the event loop, with Microsoft as the only signer that counts. */
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
    const action = guidBytes(genericVerify);
    const result = await WinVerifyTrust.onPool(noWindow, action, trust);
    try {
      if (result !== 0) return `${hresultHex(result)} ${windowsText(result) ?? ''}`.trim();
      return signerFault(trust);
    } finally {
      // What was looked at above lives until here.
      trust.writeUInt32LE(WTD_STATEACTION_CLOSE, data.dwStateAction);
      WinVerifyTrust(noWindow, action, trust);
    }
  },
};

/**
 * What keeps the signer of a valid signature from being Microsoft. That a root is trusted on this machine says nothing about
 * who signed; and below Microsoft's own roots there are others too, such as the publishers of the Store.
 */
function signerFault(trust: Buffer): string | null {
  const wintrust = loadSystemDll('wintrust.dll', wintrustTable);
  const { CertVerifyCertificateChainPolicy } = loadSystemDll('crypt32.dll', crypt32Table);
  const state = wintrust.WTHelperProvDataFromStateData(trust.readBigUInt64LE(data.hWVTStateData));
  const first = state && wintrust.WTHelperGetProvSignerFromChain(state, 0, 0, 0);
  const own = first && wintrust.WTHelperGetProvCertFromChain(first, 0);
  const leaf = own && pointerAt(bytesAt(own, certificate.size), certificate.pCert);
  const chain = first && pointerAt(bytesAt(first, signer.size), signer.pChainContext);
  if (!leaf || !chain) return 'Windows does not tell who signed it.';
  const endsAt = (flags: number) => {
    const wanted = Buffer.alloc(policy.size);
    wanted.writeUInt32LE(policy.size, policy.cbSize);
    wanted.writeUInt32LE(flags, policy.dwFlags);
    const status = Buffer.alloc(policyStatus.size);
    status.writeUInt32LE(policyStatus.size, policyStatus.cbSize);
    // It says whether it could look at all; what it saw is in the status.
    const looked = CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_MICROSOFT_ROOT, chain, wanted, status);
    return looked !== 0 && status.readUInt32LE(policyStatus.dwError) === 0;
  };
  const organization = organizationOf(leaf);
  const name = organization === '' ? 'a signer without an organization' : organization;
  if (!endsAt(0) && !endsAt(MICROSOFT_ROOT_CERT_CHAIN_POLICY_CHECK_APPLICATION_ROOT_FLAG))
    return `It is signed by ${name}, whose certificate was not issued by Microsoft.`;
  return organization === microsoft ? null : `It is signed by ${name}, not by ${microsoft}.`;
}

/** The organization that a certificate was issued to; empty where it names none. */
function organizationOf(leaf: bigint): string {
  const { CertGetNameStringW } = loadSystemDll('crypt32.dll', crypt32Table);
  const length = CertGetNameStringW(leaf, CERT_NAME_ATTR_TYPE, 0, organizationName, null, 0);
  const text = Buffer.alloc(length * 2);
  CertGetNameStringW(leaf, CERT_NAME_ATTR_TYPE, 0, organizationName, text, length);
  return text.toString('utf16le').replace(/\0.*$/s, '');
}
