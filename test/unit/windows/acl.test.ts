import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  changingRights,
  grantsOf,
  replacingRights,
  sidText,
  untrustedWith,
} from '../../../src/windows/security/acl.js';

const SYSTEM = 'S-1-5-18';
const USERS = 'S-1-5-32-545';

/** The bytes of a SID. */
function sid(text: string): Buffer {
  const [authority = 0, ...parts] = text.split('-').slice(2).map(Number);
  const bytes = Buffer.alloc(8 + parts.length * 4);
  bytes[0] = 1;
  bytes[1] = parts.length;
  bytes.writeUIntBE(authority, 2, 6);
  for (const [index, part] of parts.entries()) bytes.writeUInt32LE(part, 8 + index * 4);
  return bytes;
}

function ace(type: number, flags: number, rights: number, rest: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head[0] = type;
  head[1] = flags;
  head.writeUInt16LE(8 + rest.length, 2);
  head.writeUInt32LE(rights, 4);
  return Buffer.concat([head, rest]);
}

function acl(...aces: Buffer[]): Buffer {
  const body = Buffer.concat(aces);
  const head = Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16LE(8 + body.length, 2);
  head.writeUInt16LE(aces.length, 4);
  return Buffer.concat([head, body]);
}

/** What an object ACE has between its rights and its SID: flags, and a GUID for each of the two. */
const objectFlags = (flags: number) => {
  const bytes = Buffer.alloc(4 + (flags === 3 ? 32 : flags === 0 ? 0 : 16), 0xee);
  bytes.writeUInt32LE(flags, 0);
  return bytes;
};

/** Who may change an object of SYSTEM with that list. */
const changer = (dacl: Buffer | null, trusted = [SYSTEM]) =>
  untrustedWith(changingRights, { owner: SYSTEM, dacl }, trusted);

const WRITE = 0x2;

describe('an access control list', () => {
  test.each([SYSTEM, USERS, 'S-1-1-0', 'S-1-5-21-4294967295-0-1-1001', 'S-1-0-0'])(
    '%s is read from its bytes',
    (text) => {
      expect(sidText(Buffer.concat([sid(text), Buffer.alloc(3)]))).toBe(text);
      expect(sidText(sid(text).subarray(0, -1))).toBeNull();
    },
  );

  test('that is not there lets everybody do everything, and an empty one nobody anything', () => {
    expect(changer(null)).toBe('S-1-1-0');
    expect(changer(acl())).toBeNull();
  });

  test.each([
    ['FILE_WRITE_DATA', 0x2, true, false],
    ['FILE_APPEND_DATA', 0x4, true, false],
    ['FILE_WRITE_ATTRIBUTES', 0x100, true, false],
    ['GENERIC_WRITE', 0x40000000, true, false],
    ['FILE_DELETE_CHILD', 0x40, true, true],
    ['DELETE', 0x10000, true, true],
    ['WRITE_DAC', 0x40000, true, true],
    ['WRITE_OWNER', 0x80000, true, true],
    ['GENERIC_ALL', 0x10000000, true, true],
    ['FILE_GENERIC_READ and FILE_GENERIC_EXECUTE', 0x1200a9, false, false],
    ['GENERIC_READ and GENERIC_EXECUTE', 0xa0000000, false, false],
  ])('%s of somebody else counts as it should', (_, rights, changes, replaces) => {
    const security = { owner: SYSTEM, dacl: acl(ace(0, 0, 0x1f01ff, sid(SYSTEM)), ace(0, 0, rights, sid(USERS))) };
    expect(untrustedWith(changingRights, security, [SYSTEM])).toBe(changes ? USERS : null);
    expect(untrustedWith(replacingRights, security, [SYSTEM])).toBe(replaces ? USERS : null);
  });

  test.each([
    ['ACCESS_ALLOWED', 0x0, Buffer.alloc(0), Buffer.alloc(0)],
    ['ACCESS_ALLOWED_CALLBACK, whose condition may be met', 0x9, Buffer.alloc(0), Buffer.from('artx\0\0\0\0')],
    ['ACCESS_ALLOWED_OBJECT', 0x5, objectFlags(0), Buffer.alloc(0)],
    ['ACCESS_ALLOWED_OBJECT with a type', 0x5, objectFlags(1), Buffer.alloc(0)],
    ['ACCESS_ALLOWED_OBJECT with an inherited type', 0x5, objectFlags(2), Buffer.alloc(0)],
    ['ACCESS_ALLOWED_CALLBACK_OBJECT with both', 0xb, objectFlags(3), Buffer.from('artx')],
  ])('%s gives its rights to whom it names', (_, type, before, after) => {
    const entry = (who: string, flags = 0) => ace(type, flags, WRITE, Buffer.concat([before, sid(who), after]));
    expect(changer(acl(entry(SYSTEM), entry(USERS)))).toBe(USERS);
    expect(changer(acl(entry(SYSTEM)))).toBeNull();
    // An entry that is only there to be inherited, and one that was.
    expect(changer(acl(entry(USERS, 0x8)))).toBeNull();
    expect(changer(acl(entry(USERS, 0x10 | 0x3)))).toBe(USERS);
  });

  test.each([0x1, 0x2, 0x3, 0x6, 0x7, 0x8, 0xa, 0xc, 0xd, 0xe, 0xf, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15])(
    'an entry of type %i denies, audits or labels, and gives nobody anything',
    (type) => {
      expect(changer(acl(ace(type, 0, 0xffffffff, sid(USERS))))).toBeNull();
    },
  );

  test('an entry that denies takes nothing back, since its order and its groups decide whom it meets', () => {
    expect(changer(acl(ace(1, 0, WRITE, sid(USERS)), ace(0, 0, WRITE, sid(USERS))))).toBe(USERS);
  });

  test.each([0x4, 0x16, 0x80, 0xff])('an entry of type %i, which is not known, may let anybody do anything', (type) => {
    expect(changer(acl(ace(0, 0, WRITE, sid(SYSTEM)), ace(type, 0, 0, sid(SYSTEM))))).toBe('S-1-1-0');
  });

  test('the owner may give himself every right', () => {
    const dacl = acl(ace(0, 0, 0x1200a9, sid(USERS)));
    expect(untrustedWith(replacingRights, { owner: USERS, dacl }, [SYSTEM])).toBe(USERS);
    expect(untrustedWith(replacingRights, { owner: SYSTEM, dacl }, [SYSTEM])).toBeNull();
  });

  test('cut short or damaged anywhere, it is never read as more closed than it is', () => {
    const whole = acl(ace(0, 0, WRITE, sid(SYSTEM)), ace(5, 0, WRITE, Buffer.concat([objectFlags(3), sid(SYSTEM)])));
    expect(changer(whole)).toBeNull();
    for (let length = 0; length < whole.length; length++) expect(changer(whole.subarray(0, length))).toBe('S-1-1-0');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const { sid: who, rights } of grantsOf(Buffer.from(bytes))) {
          if (who === null) expect(rights).not.toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
