import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonRpcCodes } from '../../src/contract/errors.js';
import { deadline } from '../support/deadline.js';
import { nodeProgram, otherNodes } from '../support/nodes.js';
import { type RawBridge, startRawBridge } from '../support/raw-bridge.js';

/**
 * `//` names the requirements and the case; `-->` is the body of a frame that is sent as it stands; `<--` the body that
 * must come back. Of an error only the code is written down: message and data are checked for what all errors have.
 * After each case a ping must be the next thing that is answered, so that nothing more came and the bridge lives on.
 */
interface Case {
  readonly name: string;
  readonly lines: readonly (readonly [direction: '-->' | '<--', body: string])[];
}

const folder = fileURLToPath(new URL('transcripts', import.meta.url));

function casesOf(text: string): Case[] {
  return text
    .split(/\n\s*\n/)
    .map((block) => block.split('\n').filter((line) => line.trim()))
    .filter((lines) => lines.some((line) => line.startsWith('-->')))
    .map((lines) => ({
      name: lines
        .filter((line) => line.startsWith('//'))
        .map((line) => line.slice(2).trim())
        .join(' '),
      lines: lines
        .filter((line) => !line.startsWith('//'))
        .map((line) => {
          const [, direction, body = ''] =
            /^(-->|<--) ?(.*)$/.exec(line) ?? expect.unreachable(`not a line of a transcript: ${line}`);
          return [direction as '-->' | '<--', body] as const;
        }),
    }));
}

describe.each(['of the tests', ...otherNodes] as const)('Node %s', (which) => {
  let node: ReturnType<typeof nodeProgram>;
  let bridge: RawBridge | undefined;
  beforeAll(() => {
    node = which === 'of the tests' ? { path: process.execPath } : nodeProgram(which);
    if ('path' in node) bridge = startRawBridge([], { node: node.path });
  }, deadline(300_000));
  afterAll(async () => {
    await bridge?.[Symbol.asyncDispose]();
  });

  for (const file of readdirSync(folder)) {
    test.for(casesOf(readFileSync(`${folder}/${file}`, 'utf8')))(`${file}: $name`, async ({ lines }, { skip }) => {
      if (!bridge) return skip('reason' in node ? node.reason : '');
      for (const [direction, body] of lines) {
        if (direction === '-->') bridge.send(body);
        else expectReply(await bridge.next(), body);
      }
      bridge.send({ id: 'alive', method: 'bridge/ping' });
      expect(await bridge.next()).toBe('{"jsonrpc":"2.0","id":"alive","result":{}}');
    });
  }
});

function expectReply(actual: string, expected: string): void {
  expect(idsOf(actual)).toEqual(idsOf(expected));
  const replies = [JSON.parse(actual)].flat();
  const wanted = [JSON.parse(expected)].flat();
  expect(Array.isArray(JSON.parse(actual))).toBe(Array.isArray(JSON.parse(expected)));
  expect(replies).toHaveLength(wanted.length);
  for (const [index, reply] of replies.entries()) {
    expect(reply).toMatchObject(wanted[index]);
    expect(Object.keys(reply).sort()).toEqual(['id', 'jsonrpc', reply.error ? 'error' : 'result'].sort());
    if (reply.error) expectErrorData(reply.error);
  }
}

function expectErrorData(error: { code: number; message: string; data: Record<string, unknown> }): void {
  const [type] = Object.entries(jsonRpcCodes).find(([, code]) => code === error.code) ?? [];
  expect(error).toEqual({
    code: error.code,
    message: expect.stringMatching(/\S/),
    data: expect.objectContaining({ type, recommendation: expect.stringMatching(/^[A-Z].*\.$/) }),
  });
}

/** The ids of a reply as text: what `JSON.parse` makes of them would hide a change. */
function idsOf(json: string): string[] {
  return [...json.matchAll(/"jsonrpc": ?"2\.0", ?"id": ?("(?:[^"\\]|\\.)*"|[^,}]*)/g)].map(([, id = '']) => id.trim());
}
