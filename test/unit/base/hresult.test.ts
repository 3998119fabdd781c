import { describe, expect, test } from 'vitest';
import {
  type FaultFamily,
  familyOf,
  familyOfErrno,
  familyOfStatus,
  faultFamilies,
} from '../../../src/base/fault-family.js';
import { hresultHex, hresultName, isFailure, signed } from '../../../src/base/hresult.js';
import { generalAdvice, generalText, HResultError, windowsFailure } from '../../../src/base/hresult-error.js';
import { hresultNames } from '../../../src/base/hresult-names.js';

test('an HRESULT has one name and one hex form, whether given signed or unsigned', () => {
  expect(hresultHex(-2147024891)).toBe('0x80070005');
  expect(hresultHex(0x80070005)).toBe('0x80070005');
  expect(hresultName(-2147024891)).toBe('E_ACCESSDENIED');
  expect(signed(0x8000000e)).toBe(-2147483634);
  expect(isFailure(1)).toBe(false);
  expect(isFailure(0x80004005)).toBe(true);
});

/** Name, code and family of each, as Microsoft documents the name and the code. */
const codes: readonly (readonly [string, number, FaultFamily | null])[] = [
  ['S_OK', 0, null],
  ['S_FALSE', 1, null],
  ['E_FAIL', 0x80004005, null],
  ['E_ACCESSDENIED', 0x80070005, 'access'],
  ['ERROR_INTERNET_NAME_NOT_RESOLVED', 0x80072ee7, 'nameResolution'],
  ['ERROR_INTERNET_CANNOT_CONNECT', 0x80072efd, 'connection'],
  ['ERROR_INTERNET_TIMEOUT', 0x80072ee2, 'connection'],
  ['ERROR_INTERNET_SEC_CERT_DATE_INVALID', 0x80072f05, 'tls'],
  ['ERROR_WINHTTP_SECURE_FAILURE', 0x80072f8f, 'tls'],
  ['ERROR_WINHTTP_SECURE_FAILURE_PROXY', 0x80072f9c, 'proxy'],
  ['WSAHOST_NOT_FOUND', 0x80072af9, 'nameResolution'],
  ['WSAECONNREFUSED', 0x8007274d, 'connection'],
  ['CERT_E_UNTRUSTEDROOT', 0x800b0109, 'certificate'],
  ['TRUST_E_NOSIGNATURE', 0x800b0100, 'certificate'],
  ['ERROR_SERVICE_DISABLED', 0x80070422, 'serviceDisabled'],
  ['ERROR_SERVICE_NOT_ACTIVE', 0x80070426, 'serviceStopped'],
  ['ERROR_INSTALL_FAILURE', 0x80070643, 'installer'],
  ['ERROR_INSTALL_ALREADY_RUNNING', 0x80070652, 'busy'],
  ['ERROR_SUCCESS_REBOOT_REQUIRED', 0x80070bc2, 'restart'],
  ['BG_E_HTTP_ERROR_404', 0x80190194, 'httpMissing'],
  ['BG_E_HTTP_ERROR_407', 0x80190197, 'proxy'],
  ['BG_E_HTTP_ERROR_503', 0x801901f7, 'serverBusy'],
  ['BG_E_NETWORK_DISCONNECTED', 0x80200010, 'connection'],
  ['WU_E_NO_SERVICE', 0x80240001, 'serviceStopped'],
  ['WU_E_WU_DISABLED', 0x8024002e, 'wsus'],
  ['WU_E_PT_WINHTTP_NAME_NOT_RESOLVED', 0x8024402c, 'nameResolution'],
  ['WU_E_PT_HTTP_STATUS_DENIED', 0x80244017, 'httpRefused'],
  ['WU_E_PT_HTTP_STATUS_PROXY_AUTH_REQ', 0x8024401b, 'proxy'],
  ['ERROR_DISK_FULL', 0x80070070, 'diskFull'],
  ['ERROR_SHARING_VIOLATION', 0x80070020, 'fileInUse'],
  ['ERROR_INVALID_DATA', 0x8007000d, 'damaged'],
  ['ERROR_FILE_NOT_FOUND', 0x80070002, 'fileMissing'],
  ['ERROR_BAD_NETPATH', 0x80070035, 'share'],
  ['RPC_S_SERVER_UNAVAILABLE', 0x800706ba, 'serverGone'],
  ['RPC_S_SERVER_UNAVAILABLE', 0x800106ba, 'serverGone'],
  ['REGDB_E_CLASSNOTREG', 0x80040154, 'notRegistered'],
  ['SCHED_E_TASK_DISABLED', 0x80041326, null],
  ['COMADMIN_E_OBJECTERRORS', 0x80110401, null],
];

describe('every HRESULT has its name', () => {
  test.each(codes)('%s is the name of %i, of the family %s', (name, code, family) => {
    expect(hresultName(code)).toBe(name);
    expect(hresultName(signed(code))).toBe(name);
    expect(familyOf(code)).toBe(family);
  });

  test('a code that no header names has no name, no text and no general advice', () => {
    for (const code of [0x8004ffff, 0x80079999, 0xffff_ffff, 0x12345678]) {
      expect([hresultName(code), generalText(code), generalAdvice(code)]).toEqual([null, null, null]);
    }
  });

  test('the table lists each code once, in order, with names that are names', () => {
    let code = -1;
    let count = 0;
    for (const word of hresultNames.trim().split(/\s+/)) {
      if (/^[0-9a-f]{8}$/.test(word)) {
        const next = Number.parseInt(word, 16);
        expect(next, word).toBeGreaterThan(code);
        code = next;
      } else {
        expect(word).toMatch(/^[A-Z][A-Za-z0-9_]+$/);
        code++;
        count++;
      }
    }
    expect(count).toBeGreaterThan(4000);
  });
});

describe('what to do about a failure', () => {
  test('a failed call is told by name, in a sentence, with what helps against its family', () => {
    const { message, data } = windowsFailure(new HResultError('IUpdateNotify::Download', 0x80072ee7));
    expect(message).toBe(
      'IUpdateNotify::Download failed with ERROR_INTERNET_NAME_NOT_RESOLVED: The name of a server could not be resolved.',
    );
    expect(data).toMatchObject({ type: 'WindowsError', recommendation: faultFamilies.nameResolution.recommendation });
  });

  test("Windows' own text goes before ours", () => {
    expect(windowsFailure(new HResultError('X', 0x80072ee7, 'In Windows words.')).message).toContain(
      'In Windows words.',
    );
  });

  test('every sentence ends as one', () => {
    for (const { text, recommendation } of Object.values(faultFamilies)) {
      expect(text).toMatch(/^[A-Z].*\.$/);
      expect(recommendation).toMatch(/^[A-Z].*\.$/);
    }
  });

  test.each([
    ['ENOTFOUND', 'nameResolution'],
    ['EAI_AGAIN', 'nameResolution'],
    ['ECONNREFUSED', 'connection'],
    ['ETIMEDOUT', 'connection'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ENOSPC', 'diskFull'],
    ['EACCES', 'access'],
    ['EISDIR', null],
  ])("Node's %s is of the family %s", (errno, family) => expect(familyOfErrno(errno)).toBe(family));

  test.each([
    [407, 'proxy'],
    [403, 'httpRefused'],
    [404, 'httpMissing'],
    [429, 'serverBusy'],
    [502, 'serverBusy'],
    [200, null],
  ])('an HTTP status of %i is of the family %s', (status, family) => expect(familyOfStatus(status)).toBe(family));
});
