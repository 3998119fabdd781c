import { expect, test } from 'vitest';
import * as abi from '../../src/windows/abi/mpclient.js';
import { describeInLab } from './lab.js';
import { runInLab } from './mpclient.js';

describeInLab('MpClient.dll of the lab', (lab) => {
  test('the bridge knows every structure as a C compiler lays it out', () => {
    const compiled: Record<string, number> = JSON.parse(runInLab(lab, 'mpclient-offsets.exe'));
    const { MPCALLBACK_INFO, MPCALLBACK_DATA, MPSIGUPDATE_DATA, MPCOMPONENT_VERSION, MPVERSION_INFO } = abi;
    const structures = { MPCALLBACK_INFO, MPCALLBACK_DATA, MPSIGUPDATE_DATA, MPCOMPONENT_VERSION, MPVERSION_INFO };
    const known = Object.entries(structures).flatMap(([structure, { size, ...fields }]) => [
      [structure, size],
      ...Object.entries(fields).map(([field, offset]) => [`${structure}.${field}`, offset]),
    ]);
    const { MPSTATUS_INFO: documentedSize, 'MPSTATUS_INFO.ProductStatus': status, pointer, ...rest } = compiled;
    expect(Object.fromEntries(known)).toEqual(rest);
    expect({ status, pointer }).toEqual({ status: abi.MPSTATUS_INFO.ProductStatus, pointer: 8 });
    expect(abi.MPSTATUS_INFO.room).toBeGreaterThan(3 * (documentedSize ?? 0));
  });

  test('refuses what the real one was seen to refuse, so that a bridge that does it fails lab', () => {
    expect(JSON.parse(runInLab(lab, 'mpclient-rules.exe'))).toEqual({
      'without callback info': '0x80070057',
      'without callback': '0x80070057',
      'two sources': '0x80070057',
      'text without manager': '0x80070057',
      'close of nothing': '0x00000001',
      start: '0x00000000',
      'text by update': '0x80070006',
      'start by update': '0x80070006',
      'abort by update': '0x80070006',
      pause: '0x800710DD',
      'close update': '0x00000000',
      'close update again': '0x80070006',
      'close inside the callback breaks': true,
      'close manager before update': '0x00000000',
      done: true,
    });
  });
});
