import { advapi32 as advapi32Table } from '../abi/advapi32.js';
import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import { loadSystemDll } from '../native/dll.js';
import { checkWin32, lastErrorOf } from '../native/failed-calls.js';
import { bytesAt, type Pointer, pointerAt, pointerSlot } from '../native/native.js';
import { CHANGING_RIGHTS, EVERYONE, REPLACING_RIGHTS, type Security, sidText, untrustedWith } from './acl.js';

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
/** Where an ACL says how many bytes it has. */
const ACL_SIZE = 2;
const SDDL_REVISION_1 = 1;
const TOKEN_QUERY = 8;
/** https://learn.microsoft.com/windows/win32/api/winnt/ne-winnt-token_information_class */
const TokenUser = 1;

let user: string | undefined;

/** The SID of the account that this process runs as, for example `S-1-5-18`. A process keeps it for life. */
export function currentUser(): string {
  user ??= userOfProcess();
  return user;
}

function userOfProcess(): string {
  const slot = pointerSlot();
  if (!advapi32.OpenProcessToken(kernel32.GetCurrentProcess(), TOKEN_QUERY, slot))
    throw lastErrorOf('OpenProcessToken');
  const token = pointerAt(slot);
  // A SID has at most 68 bytes; before it lie its address and attributes.
  const buffer = Buffer.alloc(16 + 68);
  try {
    if (!advapi32.GetTokenInformation(token, TokenUser, buffer, buffer.length, Buffer.alloc(4)))
      throw lastErrorOf('GetTokenInformation');
    return sidAt(buffer.readBigUInt64LE(0));
  } finally {
    kernel32.CloseHandle(token);
  }
}

function sidAt(address: bigint): string {
  const sid = sidText(bytesAt(address, 8 + (bytesAt(address, 2)[1] as number) * 4));
  if (sid === null) throw new Error('Windows gave a SID that is none.');
  return sid;
}

/** Who owns a file or folder, and its access control list. */
function securityOf(path: string): Security {
  const [ownerSlot, daclSlot, descriptorSlot] = [pointerSlot(), pointerSlot(), pointerSlot()];
  const wanted = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  checkWin32(
    'GetNamedSecurityInfoW',
    advapi32.GetNamedSecurityInfoW(path, SE_FILE_OBJECT, wanted, ownerSlot, null, daclSlot, null, descriptorSlot),
  );
  try {
    const [owner, dacl] = [pointerAt(ownerSlot), pointerAt(daclSlot)];
    return {
      owner: owner === null ? EVERYONE : sidAt(owner),
      dacl: dacl === null ? null : bytesAt(dacl, bytesAt(dacl, 8).readUInt16LE(ACL_SIZE)),
    };
  } finally {
    kernel32.LocalFree(pointerAt(descriptorSlot));
  }
}

/** Those that can do anything on this machine, and ourselves. */
function trusted(): readonly string[] {
  return [SYSTEM, ADMINISTRATORS, TRUSTED_INSTALLER, currentUser()];
}

/**
 * The first SID, besides those that can do anything on this machine and our own, that may change the file or folder at
 * `path` or what lies in it: by the access control list, or as the owner, who may give himself every right. Null where
 * there is none, `S-1-1-0` where everybody may.
 */
export function whoElseMayWrite(path: string): string | null {
  return untrustedWith(CHANGING_RIGHTS, securityOf(path), [...trusted(), WIN_DEFEND]);
}

/** The same for who may only put something else in its place, or in the place of what lies in it. */
export function whoElseMayReplace(path: string): string | null {
  return untrustedWith(REPLACING_RIGHTS, securityOf(path), [...trusted(), WIN_DEFEND]);
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
 * null where there is no such owner.
 */
export function foreignOwner(path: string): string | null {
  const { owner } = securityOf(path);
  return trusted().includes(owner) ? null : owner;
}
