/** https://learn.microsoft.com/windows/win32/secauthz/well-known-sids */
export const everyone = 'S-1-1-0';

/** Who is given which rights by an entry of an access control list. */
export interface Grant {
  /** Null where the entry is of a kind that is not known: it may mean anybody. */
  readonly sid: string | null;
  /** https://learn.microsoft.com/windows/win32/fileio/file-access-rights-constants, and the generic ones. */
  readonly rights: number;
}

/**
 * Rights that let one exchange a file or folder that is there, or something in it: FILE_DELETE_CHILD, DELETE, WRITE_DAC,
 * WRITE_OWNER and GENERIC_ALL.
 */
export const replacingRights = 0x40 | 0x10000 | 0x40000 | 0x80000 | 0x10000000;

/**
 * Those, and the rights to change its content or put something beside it: FILE_WRITE_DATA, FILE_APPEND_DATA, GENERIC_WRITE,
 * and FILE_WRITE_ATTRIBUTES, which is enough to make a link of it.
 */
export const changingRights = replacingRights | 0x2 | 0x4 | 0x100 | 0x40000000;

const INHERIT_ONLY_ACE = 8;

/** https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-ace_header: those that allow, plain and with object types. */
const plainAllow: ReadonlySet<number> = new Set([0x0, 0x9]);
const objectAllow: ReadonlySet<number> = new Set([0x5, 0xb]);
/** Those that deny, audit, alarm, label or describe: none of them gives a right. */
const noAllow: ReadonlySet<number> = new Set([
  ...[0x1, 0x6, 0xa, 0xc],
  ...[0x2, 0x3, 0x7, 0x8, 0xd, 0xe, 0xf, 0x10],
  ...[0x11, 0x12, 0x13, 0x14, 0x15],
]);

/** ACE_OBJECT_TYPE_PRESENT and ACE_INHERITED_OBJECT_TYPE_PRESENT: each says that a GUID stands before the SID. */
const objectTypes = [1, 2] as const;

const everything = 0xffffffff;

/**
 * What an access control list gives to whom, entry by entry. Conditions of callback entries count as met, and entries that
 * deny change nothing: it is about who might, not about who may. What cannot be read gives everything to anybody.
 * https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-acl
 */
export function grantsOf(acl: Buffer): Grant[] {
  const unreadable: Grant = { sid: null, rights: everything };
  if (acl.length < 8) return [unreadable];
  const grants: Grant[] = [];
  let at = 8;
  for (let left = acl.readUInt16LE(4); left > 0; left--) {
    const size = at + 8 > acl.length ? 0 : acl.readUInt16LE(at + 2);
    if (size < 8 || at + size > acl.length) return [...grants, unreadable];
    const grant = grantOf(acl.subarray(at, at + size));
    if (grant) grants.push(grant);
    at += size;
  }
  return grants;
}

function grantOf(ace: Buffer): Grant | null {
  const type = ace[0] as number;
  if (noAllow.has(type) || (ace[1] as number) & INHERIT_ONLY_ACE) return null;
  if (plainAllow.has(type)) return { sid: sidText(ace.subarray(8)), rights: ace.readUInt32LE(4) };
  if (!objectAllow.has(type) || ace.length < 12) return { sid: null, rights: everything };
  const flags = ace.readUInt32LE(8);
  const guids = objectTypes.filter((present) => flags & present).length;
  return { sid: sidText(ace.subarray(12 + guids * 16)), rights: ace.readUInt32LE(4) };
}

/**
 * A SID as text, for example `S-1-5-18`, of bytes that begin with it; null where they do not.
 * https://learn.microsoft.com/windows/win32/secauthz/sid-components
 */
export function sidText(bytes: Buffer): string | null {
  const count = bytes[1] ?? 0;
  if (bytes.length < 8 || bytes[0] !== 1 || count > 15 || bytes.length < 8 + count * 4) return null;
  const parts = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(8 + index * 4));
  return ['S-1', bytes.readUIntBE(2, 6), ...parts].join('-');
}

/** What is known of who may do what with an object. */
export interface Security {
  readonly owner: string;
  /** Null where there is none, which lets everybody do everything. */
  readonly dacl: Buffer | null;
}

/**
 * The first, besides the trusted, who has one of `rights` or can give them to himself, as the owner can; `S-1-1-0` where
 * that may be anybody, null where there is nobody.
 */
export function untrustedWith(rights: number, { owner, dacl }: Security, trusted: readonly string[]): string | null {
  if (!trusted.includes(owner)) return owner;
  if (dacl === null) return everyone;
  const isTrusted = (sid: string | null) => sid !== null && trusted.includes(sid);
  const found = grantsOf(dacl).find((grant) => grant.rights & rights && !isTrusted(grant.sid));
  return found ? (found.sid ?? everyone) : null;
}
