import koffi = require('koffi');

import { advapi32 as advapi32Table } from '../abi/advapi32.js';
import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import { loadSystemDll } from '../native/dll.js';
import { checkWin32, lastErrorOf } from '../native/failed-calls.js';
import { bytesAt, type Pointer, pointerAt, pointerSlot } from '../native/native.js';
import { everyone, type Security, sidText } from './acl.js';

const advapi32 = loadSystemDll('advapi32.dll', advapi32Table);
const kernel32 = loadSystemDll('kernel32.dll', kernel32Table);

/** https://learn.microsoft.com/windows/win32/secauthz/well-known-sids */
export const localSystem = 'S-1-5-18';
export const administrators = 'S-1-5-32-544';

/** https://learn.microsoft.com/windows/win32/api/accctrl/ne-accctrl-se_object_type */
const SE_FILE_OBJECT = 1;
const OWNER_SECURITY_INFORMATION = 1;
const DACL_SECURITY_INFORMATION = 4;
/** Where an ACL says how many bytes it has. */
const aclSize = 2;
const SDDL_REVISION_1 = 1;
const TOKEN_QUERY = 8;
/** https://learn.microsoft.com/windows/win32/api/winnt/ne-winnt-token_information_class */
const tokenInformation = { user: 1, elevation: 20, integrityLevel: 25 } as const;
/** A SID has at most 68 bytes; before it lie its address and attributes. */
const sidAndAttributes = 16 + 68;

let user: string | undefined;

/** The SID of the account that this process runs as, for example `S-1-5-18`. A process keeps it for life. */
export function currentUser(): string {
  user ??= userOfProcess();
  return user;
}

function userOfProcess(): string {
  return sidOf(tokenOfProcess(tokenInformation.user, sidAndAttributes));
}

/** Whether User Account Control, where it is on, has given this process its full rights. */
export function isTokenElevated(): boolean {
  return tokenOfProcess(tokenInformation.elevation, 4).readUInt32LE(0) !== 0;
}

/**
 * SECURITY_MANDATORY_HIGH_RID 0x3000 or _SYSTEM_RID 0x4000, for example: the last part of the SID of the integrity level.
 * https://learn.microsoft.com/windows/win32/secauthz/mandatory-integrity-control
 */
export function integrityLevel(): number {
  return Number(sidOf(tokenOfProcess(tokenInformation.integrityLevel, sidAndAttributes)).split('-').at(-1));
}

/** Whether this process has the rights of an administrator, which SYSTEM has too, and a filtered UAC token does not. */
export function isElevated(): boolean {
  const slot = pointerSlot();
  if (!advapi32.ConvertStringSidToSidW(administrators, slot)) throw lastErrorOf('ConvertStringSidToSidW');
  const sid = pointerAt(slot);
  const member = Buffer.alloc(4);
  try {
    if (!advapi32.CheckTokenMembership(null, sid, member)) throw lastErrorOf('CheckTokenMembership');
    return member.readInt32LE(0) !== 0;
  } finally {
    kernel32.LocalFree(sid);
  }
}

/** What the token of this process says. */
function tokenOfProcess(kind: number, size: number): Buffer {
  const slot = pointerSlot();
  if (!advapi32.OpenProcessToken(kernel32.GetCurrentProcess(), TOKEN_QUERY, slot))
    throw lastErrorOf('OpenProcessToken');
  const token = pointerAt(slot);
  const buffer = Buffer.alloc(size);
  try {
    if (!advapi32.GetTokenInformation(token, kind, buffer, buffer.length, Buffer.alloc(4)))
      throw lastErrorOf('GetTokenInformation');
    return buffer;
  } finally {
    kernel32.CloseHandle(token);
  }
}

/** The SID that a SID_AND_ATTRIBUTES points to, which lies in the same buffer. */
function sidOf(buffer: Buffer): string {
  return required(sidText(buffer.subarray(Number(buffer.readBigUInt64LE(0) - koffi.address(buffer)))));
}

function sidAt(address: bigint): string {
  return required(sidText(bytesAt(address, 8 + (bytesAt(address, 2)[1] as number) * 4)));
}

function required(sid: string | null): string {
  if (sid === null) throw new Error('Windows gave a SID that is not valid.');
  return sid;
}

/** Who owns a file or folder, and its access control list. */
export function securityOf(path: string): Security {
  const [ownerSlot, daclSlot, descriptorSlot] = [pointerSlot(), pointerSlot(), pointerSlot()];
  const wanted = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  checkWin32(
    'GetNamedSecurityInfoW',
    advapi32.GetNamedSecurityInfoW(path, SE_FILE_OBJECT, wanted, ownerSlot, null, daclSlot, null, descriptorSlot),
  );
  try {
    const [owner, dacl] = [pointerAt(ownerSlot), pointerAt(daclSlot)];
    return {
      owner: owner === null ? everyone : sidAt(owner),
      dacl: dacl === null ? null : bytesAt(dacl, bytesAt(dacl, 8).readUInt16LE(aclSize)),
    };
  } finally {
    kernel32.LocalFree(pointerAt(descriptorSlot));
  }
}

/**
 * Gives `body` a self-relative security descriptor that lives as long as the call.
 * https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
 */
export function withSecurityDescriptor<T>(sddl: string, body: (descriptor: bigint, size: number) => T): T {
  const slot = pointerSlot();
  const size = Buffer.alloc(4);
  if (!advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, slot, size))
    throw lastErrorOf('ConvertStringSecurityDescriptorToSecurityDescriptorW');
  const descriptor = pointerAt(slot) as Pointer<'SECURITY_DESCRIPTOR'>;
  try {
    return body(descriptor, size.readUInt32LE(0));
  } finally {
    kernel32.LocalFree(descriptor);
  }
}
