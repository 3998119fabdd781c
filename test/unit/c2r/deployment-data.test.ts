import { describe, expect, test } from 'vitest';
import { isDeeperThan } from '../../../src/base/depth.js';
import { Failure } from '../../../src/base/failure.js';
import { parsedDeploymentData } from '../../../src/c2r/deployment-data.js';
import { parseXml } from '../../../src/c2r/xml.js';
import { session, simulated } from '../../support/office-handlers.js';
import { report, scriptedOffice } from '../../support/scripted-office.js';

describe('c2r/deploymentData', () => {
  test('gives the text as it is, and what it says where it is JSON or XML', async () => {
    const { call } = simulated({
      deploymentData: { '1': '{"a": [1, 2]}', '2': '<a b="c"/>', '3': 'neither', '-1': '' },
    });
    const read = async (dataType: number) => {
      const { raw, value } = await call('deploymentData', { dataType });
      return [raw, value];
    };
    expect(await read(1)).toEqual(['{"a": [1, 2]}', { a: [1, 2] }]);
    expect(await read(2)).toEqual(['<a b="c"/>', { name: 'a', attributes: { b: 'c' }, children: [] }]);
    expect(await read(3)).toEqual(['neither', null]);
    expect(await read(-1)).toEqual(['', null]);
    expect(await read(4)).toEqual([null, null]);
  });

  test('what is nested too deeply for a client, or for JSON.stringify, stays text', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(JSON.stringify(parsedDeploymentData(nested(64)))).toBe(nested(64));
    expect(parsedDeploymentData(nested(65))).toBeNull();
    expect(parsedDeploymentData(nested(1_000_000))).toBeNull();
    const deepest = parsedDeploymentData(`${'<a>'.repeat(32)}${'</a>'.repeat(32)}`);
    expect(JSON.stringify(deepest)).toContain('"a"');
    expect(isDeeperThan(64, deepest)).toBe(false);
  });

  test('asks for an empty name where none is given', async () => {
    const asked: unknown[] = [];
    const office = scriptedOffice([report('UPDATE_UNKNOWN')], {
      async deploymentData(dataType, name) {
        asked.push([dataType, name]);
        return null;
      },
    });
    const { call } = session(() => office);
    await call('deploymentData', { dataType: 5 });
    await call('deploymentData', { dataType: 6, name: 'O365ProPlusRetail' });
    expect(asked).toEqual([
      [5, ''],
      [6, 'O365ProPlusRetail'],
    ]);
  });

  test('refuses a name that Windows would cut at its null', async () => {
    const { call } = simulated({});
    await expect(call('deploymentData', { dataType: 1, name: 'a\0b' })).rejects.toThrow(
      'must have no control characters',
    );
  });

  test('is not available on an Office that is too old', async () => {
    const office = scriptedOffice([], {
      deploymentData: async () => {
        throw new Failure('NotAvailable', 'IUpdateNotify2 is not there.', { recommendation: 'Update Office.' });
      },
    });
    expect((await session(() => office).fail('deploymentData', { dataType: 1 })).data.type).toBe('NotAvailable');
  });
});

describe('XML', () => {
  test('elements, attributes, text, entities, CDATA, comments and a declaration', () => {
    const text = `\uFEFF<?xml version="1.0"?>
      <!-- a comment -->
      <Configuration xmlns:o='urn:x'>
        <Add Channel="Current" Note="a &amp; b &#x20AC; &#8364;"><o:Product/>text &lt;here&gt;<![CDATA[<raw> & ]]></Add>
      </Configuration>
    `;
    expect(parseXml(text)).toEqual({
      name: 'Configuration',
      attributes: { 'xmlns:o': 'urn:x' },
      children: [
        {
          name: 'Add',
          attributes: { Channel: 'Current', Note: 'a & b \u20ac \u20ac' },
          children: [{ name: 'o:Product', attributes: {}, children: [] }, 'text <here><raw> & '],
        },
      ],
    });
  });

  test.each([
    '',
    'text',
    '<a>',
    '</a>',
    '<a></b>',
    '<a/><b/>',
    'x<a/>',
    '<a/>x',
    '<a b=c/>',
    '<a b="1" b="2"/>',
    '<a>&unknown;</a>',
    '<a>a & b</a>',
    '<a>&#0;</a>',
    '<a>&#x110000;</a>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<a',
    '<a b="<"/>',
    `${'<a>'.repeat(33)}${'</a>'.repeat(33)}`,
  ])('refuses %j', (text) => {
    expect(parseXml(text)).toBeNull();
  });

  test('an attribute with the name of a prototype is an attribute', () => {
    const element = parseXml('<a __proto__="x"/>');
    expect(Object.keys(element?.attributes ?? {})).toEqual(['__proto__']);
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  test('a megabyte of anything is read or refused in linear time', () => {
    for (const piece of ['<', ' ', '<a ', '&', '<a b="', '<!--', '<![CDATA[', '<a/>', 'x']) {
      parseXml(`<r>${piece.repeat(1_000_000 / piece.length)}`);
      parseXml(`<r ${piece.repeat(1_000_000 / piece.length)}`);
    }
  });
});
