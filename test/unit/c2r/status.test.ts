import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeStatus } from '../../../src/c2r/status.js';
import { updateErrorNames, updateStatus, updateStatusNames } from '../../../src/contract/c2r.js';
import { errorLabel } from '../../../src/contract/update-error.js';

const decode = (status: number, error: number) => decodeStatus({ status, error, contentId: null });

describe('states', () => {
  const busy = ['DOWNLOAD_PENDING', 'DOWNLOAD_WIP', 'DOWNLOAD_CANCELLING', 'APPLY_PENDING', 'APPLY_WIP'];
  const terminal = ['DOWNLOAD_CANCELLED', 'DOWNLOAD_FAILED', 'DOWNLOAD_SUCCEEDED', 'APPLY_SUCCEEDED', 'APPLY_FAILED'];

  // The numbers are written out: they are Office's, and an order in our own list proves nothing.
  test.each([
    [0, 'UPDATE_UNKNOWN'],
    [1, 'DOWNLOAD_PENDING'],
    [2, 'DOWNLOAD_WIP'],
    [3, 'DOWNLOAD_CANCELLING'],
    [4, 'DOWNLOAD_CANCELLED'],
    [5, 'DOWNLOAD_FAILED'],
    [6, 'DOWNLOAD_SUCCEEDED'],
    [7, 'APPLY_PENDING'],
    [8, 'APPLY_WIP'],
    [9, 'APPLY_SUCCEEDED'],
    [10, 'APPLY_FAILED'],
  ])('%i is %s', (code, name) => {
    expect(decode(code, 0)).toMatchObject({
      status: name,
      statusCode: code,
      busy: busy.includes(name),
      terminal: terminal.includes(name),
    });
  });

  test('a number that is not published stays as it is and is neither busy nor terminal', () => {
    expect(decode(11, 0)).toMatchObject({ status: 'UNDOCUMENTED', statusCode: 11, busy: false, terminal: false });
    expect(decode(-1, 0)).toMatchObject({ status: 'UNDOCUMENTED', statusCode: -1 });
  });
});

describe('errors', () => {
  test.each([
    [0, 'OK'],
    [1, 'FAILED_UNEXPECTED'],
    [2, 'TRIGGER_DISABLED'],
    [3, 'PIPELINE_IN_USE'],
    [4, 'FAILED_STOP_C2RSERVICE'],
    [5, 'FAILED_GET_CLIENTUPDATEFOLDER'],
    [6, 'FAILED_LOCK_PACKAGE_TO_UPDATE'],
    [7, 'FAILED_CREATE_STREAM_SESSION'],
    [8, 'FAILED_PUBLISH_WORKING_CONFIGURATION'],
    [9, 'FAILED_DOWNLOAD_UPGRADE_PACKAGE'],
    [10, 'FAILED_APPLY_UPGRADE_PACKAGE'],
    [11, 'FAILED_INITIALIZE_RSOD'],
    [12, 'FAILED_PUBLISH_RSOD'],
    [13, 'UNKNOWN'],
  ])('%i is %s and no HRESULT', (code, name) => {
    expect(decode(5, code)).toMatchObject({ errorCode: code, errorName: name, hresult: null, hresultName: null });
  });

  test('above 13 it is an HRESULT plus 13', () => {
    expect(decode(5, 0x80070012)).toMatchObject({
      errorCode: 0x80070012,
      errorName: null,
      hresult: -2147024891,
      hresultName: 'E_ACCESSDENIED',
    });
    expect(decode(5, 14)).toMatchObject({ errorName: null, hresult: 1, hresultName: 'S_FALSE' });
    expect(decode(5, 0xffff_ffff)).toMatchObject({ hresult: -14, hresultName: null });
  });

  test('the sign that a number arrives with makes no difference', () => {
    expect(decode(5, 0x80070012 | 0)).toEqual(decode(5, 0x80070012));
  });

  test('people read a name, and the number where there is none', () => {
    expect(errorLabel(decode(9, 0))).toBeNull();
    expect(errorLabel(decode(5, 9))).toBe('FAILED_DOWNLOAD_UPGRADE_PACKAGE');
    expect(errorLabel(decode(5, 0x8007007d))).toBe('ERROR_DISK_FULL');
    expect(errorLabel(decode(5, 0x80070123 + 13))).toBe('0x80070123');
  });
});

test('whatever 32 bits Office reports, the decoded status meets the contract and loses nothing', () => {
  const uint32 = fc.oneof(fc.nat({ max: 20 }), fc.integer({ min: 0, max: 0xffff_ffff }));
  fc.assert(
    fc.property(uint32, uint32, fc.option(fc.string()), (status, error, contentId) => {
      const decoded = decodeStatus({ status, error, contentId });
      updateStatus.parse({ ...decoded, backend: 'windows' });
      expect(decoded.statusCode).toBe(status);
      expect(decoded.errorCode).toBe(error);
      expect(decoded.contentId).toBe(contentId);
      expect(decoded.status === 'UNDOCUMENTED').toBe(status >= updateStatusNames.length);
      const { errorName, hresult } = decoded;
      expect((errorName === null) !== (hresult === null)).toBe(true);
      // The report can be had back from what was decoded.
      expect(hresult === null ? updateErrorNames.indexOf(errorName ?? 'OK') : (hresult + 13) >>> 0).toBe(error);
    }),
  );
});
