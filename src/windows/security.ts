import { advapi32 as advapi32Table } from './abi/advapi32.js';
import { kernel32 as kernel32Table } from './abi/kernel32.js';
import { loadSystemDll } from './dll.js';
import { checkWin32, lastErrorOf } from './errors.js';
import { bytesAt, type Pointer, pointerAt, pointerSlot, textAt } from './native.js';

const advapi32 = loadSystemDll('advapi32.dll', advapi32Table);
const kernel32 = loadSystemDll('kernel32.dll', kernel32Table);

/** https://learn.microsoft.com/windows/win32/secauthz/well-known-sids */
const SYSTEM = 'S-1-5-18';
const ADMINISTRATORS = 'S-1-5-32-544';
/** https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-service-accounts: the owner of Windows' own files. */
const TRUSTED_INSTALLER = 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464';
/** NT SERVICE\WinDefend, which puts Defender's platforms in their folders and runs as SYSTEM anyway. */
const WIN_DEFEND = 'S-1-5-80-1913148863-3492339771-4165695881-2087618961-4109116736';

/** https://learn.microsoft.com/windows/win32/api/accctrl/ne-accctrl-se_object_type */
const SE_FILE_OBJECT = 1;
const OWNER_SECURITY_INFORMATION = 1;
const DACL_SECURITY_INFORMATION = 4;
const SDDL_REVISION_1 = 1;
const ACCESS_ALLOWED_ACE_TYPE = 0;
const INHERIT_ONLY_ACE = 8;
/**
 * FILE_WRITE_DATA, FILE_APPEND_DATA, FILE_DELETE_CHILD, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL and GENERIC_WRITE: each
 * of them lets one replace the file or something beside it. https://learn.microsoft.com/windows/win32/fileio/file-access-rights-constants
 */
const REPLACING_RIGHTS = 0x2 | 0x4 | 0x40 | 0x10000 | 0x40000 | 0x80000 | 0x10000000 | 0x40000000;

const TOKEN_QUERY = 8;
/** https://learn.microsoft.com/windows/win32/api/winnt/ne-winnt-token_information_class */
const TokenUser = 1;

/** The SID of the account that this process runs as, for example `S-1-5-18`. */
export function currentUser(): string {
  const slot = pointerSlot();
  if (!advapi32.OpenProcessToken(kernel32.GetCurrentProcess(), TOKEN_QUERY, slot))
    throw lastErrorOf('OpenProcessToken');
  const token = pointerAt(slot);
  // A SID has at most 68 bytes; before it lie its address and attributes.
  const buffer = Buffer.alloc(16 + 68);
  try {
    if (!advapi32.GetTokenInformation(token, TokenUser, buffer, buffer.length, Buffer.alloc(4)))
      throw lastErrorOf('GetTokenInformation');
    return sidText(buffer.readBigUInt64LE(0));
  } finally {
    kernel32.CloseHandle(token);
  }
}

function sidText(sid: bigint): string {
  const slot = pointerSlot();
  if (!advapi32.ConvertSidToStringSidW(sid, slot)) throw lastErrorOf('ConvertSidToStringSidW');
  const text = pointerAt(slot) as Pointer<'WCHAR'>;
  try {
    return textAt(text);
  } finally {
    kernel32.LocalFree(text);
  }
}

/**
 * The first SID, besides those that can do anything on this machine and our own, that may change the file or folder at
 * `path` or what lies in it; null where there is none.
 */
export function whoElseMayWrite(path: string): string | null {
  const daclSlot = pointerSlot();
  const descriptorSlot = pointerSlot();
  checkWin32(
    'GetNamedSecurityInfoW',
    advapi32.GetNamedSecurityInfoW(
      path,
      SE_FILE_OBJECT,
      DACL_SECURITY_INFORMATION,
      null,
      null,
      daclSlot,
      null,
      descriptorSlot,
    ),
  );
  const dacl = pointerAt(daclSlot);
  try {
    // Without a list everybody may do everything.
    if (dacl === null) return 'S-1-1-0';
    const trusted = [SYSTEM, ADMINISTRATORS, TRUSTED_INSTALLER, WIN_DEFEND, currentUser()];
    const count = bytesAt(dacl, 8).readUInt16LE(4);
    for (let index = 0; index < count; index++) {
      const aceSlot = pointerSlot();
      if (!advapi32.GetAce(dacl, index, aceSlot)) throw lastErrorOf('GetAce');
      const ace = pointerAt(aceSlot) as Pointer<'ACE'>;
      const header = bytesAt(ace, 8);
      const granted = header[0] === ACCESS_ALLOWED_ACE_TYPE && !((header[1] as number) & INHERIT_ONLY_ACE);
      if (!granted || !(header.readUInt32LE(4) & REPLACING_RIGHTS)) continue;
      const sid = sidText(ace + 8n);
      if (!trusted.includes(sid)) return sid;
    }
    return null;
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

/**
 * The owner of a file or folder where that is somebody besides those that can do anything on this machine and ourselves;
 * an owner may give himself every right. Null where there is no such owner.
 */
export function foreignOwner(path: string): string | null {
  const ownerSlot = pointerSlot();
  const descriptorSlot = pointerSlot();
  checkWin32(
    'GetNamedSecurityInfoW',
    advapi32.GetNamedSecurityInfoW(
      path,
      SE_FILE_OBJECT,
      OWNER_SECURITY_INFORMATION,
      ownerSlot,
      null,
      null,
      null,
      descriptorSlot,
    ),
  );
  try {
    const owner = pointerAt(ownerSlot);
    const sid = owner === null ? null : sidText(owner);
    return sid === null || [SYSTEM, ADMINISTRATORS, TRUSTED_INSTALLER, currentUser()].includes(sid) ? null : sid;
  } finally {
    kernel32.LocalFree(pointerAt(descriptorSlot));
  }
}
