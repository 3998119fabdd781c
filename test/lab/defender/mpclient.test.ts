import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as abi from '../../../src/windows/abi/mpclient.js';
import { describeInLab } from '../../support/lab.js';
import { runInLab } from '../../support/mpclient.js';

/** No part of the lab, whose own compiler is for x64 alone; Debian has it as `clang`. */
const clang = (process.env.PATH ?? '')
  .split(':')
  .flatMap((folder) => ['clang', 'clang-14'].map((name) => join(folder, name)))
  .find((path) => existsSync(path));

describeInLab('MpClient.dll of the lab', (lab) => {
  const { MPCALLBACK_INFO, MPCALLBACK_DATA, MPSIGUPDATE_DATA, MPCOMPONENT_VERSION, MPVERSION_INFO } = abi;
  const structures = { MPCALLBACK_INFO, MPCALLBACK_DATA, MPSIGUPDATE_DATA, MPCOMPONENT_VERSION, MPVERSION_INFO };
  /** By name: the offset of each field that the bridge reads or writes, and the size of each structure. */
  const known = new Map<string, number>(
    Object.entries(structures).flatMap(([structure, { size, ...fields }]): [string, number][] => [
      [structure, size],
      ...Object.entries(fields).map(([field, offset]): [string, number] => [`${structure}.${field}`, offset]),
    ]),
  );

  test('the bridge knows every structure as a C compiler lays it out for x64', () => {
    const compiled: Record<string, number> = JSON.parse(runInLab(lab, 'mpclient-offsets.exe'));
    const { MPSTATUS_INFO: documentedSize, 'MPSTATUS_INFO.ProductStatus': status, pointer, ...rest } = compiled;
    expect(Object.fromEntries(known)).toEqual(rest);
    expect({ status, pointer }).toEqual({ status: abi.MPSTATUS_INFO.ProductStatus, pointer: 8 });
    expect(abi.MPSTATUS_INFO.room).toBeGreaterThan(3 * (documentedSize ?? 0));
  });

  test.skipIf(!clang)(`and as one lays it out for arm64${clang ? '' : ' (skipped: there is no clang on PATH)'}`, () => {
    const asserts = [...known].map(([name, value]) => {
      const [structure, field] = name.split('.');
      const found = field ? `offsetof(${structure}, ${field})` : `sizeof(${structure})`;
      return `_Static_assert(${found} == ${value}, "${name}");`;
    });
    const header = fileURLToPath(new URL('mpclient.h', import.meta.url));
    const source = `#include <stddef.h>\n#define MPCLIENT_NO_SDK\n#include "${header}"\n${asserts.join('\n')}\n`;
    const compile = (text: string) =>
      spawnSync(clang ?? '', ['-target', 'aarch64-pc-windows-msvc', '-fsyntax-only', '-x', 'c', '-'], { input: text });
    expect(compile(source).stderr.toString()).toBe('');
    expect(compile(`${source}_Static_assert(sizeof(MPVERSION_INFO) == 191, "wrong");\n`).status).not.toBe(0);
  });

  test('refuses what the real one was seen to refuse, so that a bridge that does it fails here', () => {
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
