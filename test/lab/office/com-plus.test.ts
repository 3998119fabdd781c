import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLSID_COMAdminCatalog } from '../../../src/windows/abi/com-admin.js';
import { deadline } from '../../support/deadline.js';
import { describeInLab } from '../../support/lab.js';
import { openProbe, type Probe } from '../../support/run-probe.js';

const officeComponents = ['{52C2F9C2-F1AC-4021-BF50-756A5FA8DDFE}', '{b7f1785f-d69b-46f1-92fc-d2de9c994f13}'];

// Wine has no COM+ catalogue: the fixture has the vtables of comadmin.h, and nothing behind what the bridge must not call.
describeInLab('the COM+ catalogue', (lab) => {
  const key = `HKLM\\SOFTWARE\\Classes\\CLSID\\${CLSID_COMAdminCatalog}`;
  let probe: Probe;

  const reg = (...args: string[]) => {
    const env = { ...process.env, ...lab.environment };
    execFileSync('wine', ['reg', ...args], { env, stdio: 'ignore', timeout: deadline(60_000) });
  };
  const facts = (mode: string) => {
    process.env.C2R_LAB_COMPLUS = mode;
    return probe('comPlus');
  };

  beforeAll(async () => {
    probe = await openProbe(lab);
    const server = `${key}\\InprocServer32`;
    reg('add', server, '/ve', '/d', 'C:\\lab\\com-admin.dll', '/f');
    reg('add', server, '/v', 'ThreadingModel', '/d', 'Both', '/f');
  });
  afterAll(() => {
    delete process.env.C2R_LAB_COMPLUS;
    reg('delete', key, '/f');
  });

  test("gives the identity and the components of Office's application", async () => {
    expect(await facts('inOrder')).toEqual({
      result: { identity: 'nt authority\\localservice', components: officeComponents },
    });
  });

  test.each([
    ['otherIdentity', { identity: 'Interactive User', components: officeComponents }],
    ['componentMissing', { identity: 'nt authority\\localservice', components: officeComponents.slice(0, 1) }],
    ['missing', null],
  ])('tells what is not as Office set it up: %s', async (mode, result) => {
    expect(await facts(mode)).toEqual({ result });
  });

  test.each(['inOrder', 'missing', 'refused'])('no object is left behind: %s', async (mode) => {
    process.env.C2R_LAB_COMPLUS = mode;
    expect((await probe('comPlusLiving')).result).toMatchObject({ 1: 0 });
  });

  test('that refuses to be read says so, and nothing else fails', async () => {
    expect((await facts('refused')).error).toMatchObject({
      source: 'ICatalogCollection::Populate',
      hresult: -2147024891,
    });
  });
});
