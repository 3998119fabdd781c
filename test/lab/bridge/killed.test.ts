import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { bridgeClsid } from '../../../src/bits/handlers.js';
import { comServers, registryTree, runClient, shortenIdle, startClient } from '../../support/bits-client.js';
import { type Bridge, startBridge } from '../../support/bridge.js';
import { randomFile } from '../../support/content-image.js';
import { deadline } from '../../support/deadline.js';
import { describeWithComServers } from '../../support/lab.js';
import { controlMpClient } from '../../support/mpclient.js';
import { wholeUpdate } from '../../support/mpclient-sequences.js';
import { setUpOffice } from '../../support/office-bridge.js';
import { killInLab, labProcesses } from '../../support/processes.js';

/** How many times each operation is killed: few in CI, where each kill of Wine's services costs seconds; `npm run fuzz` asks for 100. */
const kills = (usual: number) => Number(process.env.C2R_KILLS ?? usual);
const upTo = (ms: number) => Math.round(Math.random() * ms);

const versions = ['16.0.17928.20114', '16.0.19929.20172'];
const otherThan = (version: string) => versions.find((each) => each !== version) as string;

describeWithComServers('killed at random moments', (lab) => {
  /** What a run has started, besides Wine's own services. */
  const orphans = () =>
    labProcesses(lab)
      .map(({ command }) => command.replaceAll('\0', ' '))
      .filter((command) => /node\.exe|relay\.exe|OfficeC2RServer|bits-client/.test(command));

  /** Ends Node itself, not the relay in front of it. */
  async function killBridge(bridge: Bridge): Promise<void> {
    const exited = once(bridge.process, 'exit');
    killInLab(lab, 'c2r-bridge.cjs\0--stdio');
    await exited;
    await bridge[Symbol.asyncDispose]();
  }

  interface Operation {
    /** Looks at what the last kill left, and repairs nothing by other means than the bridge. */
    look(bridge: Bridge): Promise<void>;
    run(bridge: Bridge, round: number): Promise<unknown>;
    /** About how long `run` takes. */
    readonly ms: number;
  }

  async function killedBridges(operation: Operation, rounds: number, env: NodeJS.ProcessEnv = process.env) {
    for (let round = 0; round < rounds; round++) {
      const bridge = startBridge({ command: lab.bridgeCommand, env });
      await operation.look(bridge);
      let ended: unknown;
      const running = operation.run(bridge, round).then(
        () => {
          ended = 'done';
        },
        (error: Error) => {
          ended = error.message;
        },
      );
      await setTimeout(upTo(operation.ms));
      const early = ended === undefined;
      await killBridge(bridge);
      await running;
      if (!early) expect(ended).toBe('done');
      await expect.poll(orphans, { timeout: deadline(20_000) }).toEqual([]);
    }
    await using last = startBridge({ command: lab.bridgeCommand, env });
    await operation.look(last);
    await operation.run(last, rounds);
    expect(await last.stop()).toBe(0);
  }
  const patience = (rounds: number) => 60_000 + rounds * 20_000;

  test(
    'the bridge in c2r/update: Office goes on with what was begun, and the next bridge follows it and updates',
    async () => {
      const office = { downloadMs: 400, applyMs: 300, installedVersion: versions[0] as string };
      const fixture = { outOfProcess: true, env: { C2R_LAB_REMEMBER: '1' } };
      let version = '';
      const operation: Operation = {
        async look(bridge) {
          expect(await bridge.request('c2r/wait', { pollMs: 100, timeoutMs: 30_000 })).toMatchObject({ busy: false });
          ({ version } = await bridge.request('c2r/installation'));
          expect(versions).toContain(version);
        },
        async run(bridge) {
          const updateToVersion = otherThan(version);
          const result = await bridge.request('c2r/update', { updateToVersion, pollMs: 100 });
          expect(result).toMatchObject({ changed: true, versionAfter: updateToVersion });
        },
        ms: 1500,
      };
      await killedBridges(operation, kills(2), { ...process.env, ...setUpOffice(lab, office, fixture) });
    },
    patience(kills(2)),
  );

  test(
    'the bridge in defender/update: Defender is asked and updated by the next one',
    async () => {
      const control = controlMpClient(lab);
      try {
        let build = 12;
        const operation: Operation = {
          look: async (bridge) => {
            expect(await bridge.request('defender/status')).toMatchObject({ runningMode: 'normal' });
          },
          run: async (bridge) => {
            // An update whose bridge was killed may have brought its signatures.
            const brought = `signature 1 421 ${++build}`;
            control.script(...wholeUpdate.flatMap((line) => [line, 'wait 50']), brought, 'notify 0x800D 0');
            expect(await bridge.request('defender/update')).toMatchObject({ changed: true });
          },
          ms: 700,
        };
        await killedBridges(operation, kills(2));
      } finally {
        control.dispose();
      }
    },
    patience(kills(2)),
  );

  test(
    'the bridge in c2r/setChannel: what was there before can always be put back',
    async () => {
      const operation: Operation = {
        async look(bridge) {
          const { after } = await bridge.request('c2r/setChannel', { undo: true });
          expect(after).toMatchObject({ rule: 'cdnBaseUrl', channel: 'MonthlyEnterprise' });
          expect(await bridge.request('c2r/installation')).toMatchObject({ channelSwitch: null });
        },
        async run(bridge) {
          for (const choice of [{ channel: 'SemiAnnual' }, { channel: 'BetaChannel' }, { undo: true }])
            await bridge.request('c2r/setChannel', choice);
        },
        ms: 40,
      };
      await killedBridges(operation, kills(2), { ...process.env, ...setUpOffice(lab, {}) });
    },
    patience(kills(2)),
  );

  test(
    'the bridge in bits/register and bits/unregister: a content whose registration was told stays, and no table is half written',
    async () => {
      const folder = join(lab.driveC, 'ProgramData', 'c2r-bridge');
      const classKey = `HKLM\\SOFTWARE\\Classes\\CLSID\\${bridgeClsid}`;
      const promised = new Set<string>();
      const listed = async (bridge: Bridge): Promise<string[]> =>
        (await bridge.request('bits/list')).contents.map(({ contentId }: { contentId: string }) => contentId);
      mkdirSync(join(lab.driveC, 'killed'), { recursive: true });
      const operation: Operation = {
        async look(bridge) {
          const contents = await listed(bridge);
          expect(contents).toEqual(expect.arrayContaining([...promised]));
          if (existsSync(join(folder, 'contents.json')))
            JSON.parse(readFileSync(join(folder, 'contents.json'), 'utf8'));
          if (contents.length === 0) return;
          // Where an unregistering was killed between the class and the table, the doctor says so.
          const { checks } = await bridge.request('bridge/doctor');
          const { ok } = checks.find(({ id }: { id: string }) => id === 'bits.server');
          expect(ok).toBe(/LocalServer32[\s\S]*--com-server/.test(registryTree(lab, classKey) ?? ''));
        },
        async run(bridge, round) {
          const contentId = `content-${round % 4}`;
          // Until the answer, it may be there or not.
          promised.delete(contentId);
          if (round % 8 < 4) {
            await bridge.request('bits/register', { contentId, path: 'C:\\killed' });
            promised.add(contentId);
          } else await bridge.request('bits/unregister', { contentId });
        },
        ms: 150,
      };
      await killedBridges(operation, kills(2));
      await using bridge = startBridge({ command: lab.bridgeCommand });
      // A class that was made for a content which did not come into the table any more goes with the next one.
      await bridge.request('bits/register', { contentId: 'last', path: 'C:\\killed' });
      for (const contentId of await listed(bridge)) await bridge.request('bits/unregister', { contentId });
      expect([registryTree(lab, classKey), existsSync(folder)]).toEqual([null, false]);
      rmSync(join(lab.driveC, 'killed'), { recursive: true });
    },
    patience(kills(2)),
  );

  /** What a call says whose server, or the service that knows of it, went away in it. */
  const isGone = ({ data }: { data?: { type: string; hresultHex?: string } }) =>
    data?.type === 'NotAvailable' || /^0x(800706|80010108|80080005)/.test(data?.hresultHex ?? '');

  const server = 'OfficeC2RServer.exe';
  // Wine's RPCSS goes on to send clients to a server that was killed. It is started again on the next call, and knows of none.
  const service = 'rpcss.exe';

  /** In CI the two alone: an update is all of the others, one after another. */
  const always = [
    ["Office's COM server", 'c2r/update', [server, service]],
    ["Wine's RPC service", 'c2r/update', [service]],
  ] as const;
  const atLength = ['c2r/download', 'c2r/apply', 'c2r/status'].map(
    (method) => ["Office's COM server", method, [server, service]] as const,
  );

  test.each([...always, ...(process.env.C2R_KILLS === undefined ? [] : atLength)])(
    '%s in %s: the call ends or says that it is gone, Office goes on, and the next call works',
    async (_, method, victims) => {
      const office = { downloadMs: 400, applyMs: 300, installedVersion: versions[0] as string };
      const fixture = { outOfProcess: true, env: { C2R_LAB_REMEMBER: '1' } };
      const env = { ...process.env, ...setUpOffice(lab, office, fixture) };
      await using bridge = startBridge({ command: lab.bridgeCommand, env });
      for (let round = 0; round < kills(1); round++) {
        const { version } = await bridge.request('c2r/installation');
        expect(versions).toContain(version);
        const updateToVersion = otherThan(version);
        const wait = { wait: true, pollMs: 100 };
        if (method === 'c2r/apply') await bridge.request('c2r/download', { updateToVersion, ...wait });
        const params = {
          'c2r/update': { updateToVersion, pollMs: 100 },
          'c2r/download': { updateToVersion, ...wait },
          'c2r/apply': wait,
        }[method];
        const call = () => bridge.request(method, params).catch((error: Error) => error);
        // One after another: where two threads activate while the RPC service dies Wine's combase crashes, in a C client too.
        const outcomes: unknown[] = [];
        const running = (async () => {
          for (let count = 0; count < (params ? 1 : 10); count++) outcomes.push(await call());
        })();
        await setTimeout(upTo(params ? 1300 : 500));
        const servers = labProcesses(lab).filter(({ command }) => command.includes(server));
        for (const victim of victims) killInLab(lab, victim);
        await running;
        for (const outcome of outcomes) if (outcome instanceof Error) expect(outcome).toSatisfy(isGone);
        // Wine takes a moment to see that its service is gone, and calls the class unregistered meanwhile.
        const answers = () => bridge.request('c2r/status').then(Object.keys, (error: Error) => error.message);
        await expect.poll(answers, { timeout: deadline(20_000) }).toContain('status');
        expect(await bridge.request('c2r/wait', { pollMs: 100, timeoutMs: 60_000 })).toMatchObject({ busy: false });
        // A server that lost its service serves nobody any more, and would end with its client only.
        const left = new Set(labProcesses(lab).map(({ pid }) => pid));
        for (const { pid } of servers) if (left.has(pid)) process.kill(pid, 'SIGKILL');
      }
      const { version } = await bridge.request('c2r/installation');
      const update = await bridge.request('c2r/update', { updateToVersion: otherThan(version), pollMs: 100 });
      expect(update).toMatchObject({ changed: true, versionBefore: version, versionAfter: otherThan(version) });
      expect(await bridge.stop()).toBe(0);
      await expect.poll(orphans, { timeout: deadline(20_000) }).toEqual([]);
    },
    patience(kills(1)),
  );

  test(
    "the bridge's own COM server while it serves: the client is told, files come whole or not at all, and nothing is left over",
    async () => {
      const folder = join(lab.driveC, 'killed');
      const out = join(folder, 'out');
      const stream = randomFile('Office/Data/16.0.1.2/stream.x64.x-none.dat', 5_000_000);
      mkdirSync(out, { recursive: true });
      // Takes a second, so that the middle of a transfer is where most kills come.
      const origin = createServer(async (request, response) => {
        if (!request.url?.endsWith('.dat')) return void response.writeHead(404).end();
        response.writeHead(200, { 'content-length': stream.bytes.length, etag: '"1"' });
        for (let at = 0; request.method === 'GET' && at < stream.bytes.length && !response.destroyed; at += 100_000) {
          response.write(stream.bytes.subarray(at, at + 100_000));
          await setTimeout(20);
        }
        response.end();
      }).listen(0, '127.0.0.1');
      await once(origin, 'listening');
      onTestFinished(() => {
        origin.closeAllConnections();
        origin.close();
      });
      await using bridge = startBridge({ command: lab.bridgeCommand });
      const baseUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}/`;
      await bridge.request('bits/register', { contentId: 'img', baseUrl });
      shortenIdle(lab, 500);
      const target = join(out, 'stream.dat');
      const args = [bridgeClsid, `cmbits://img/${stream.path}`, 'C:\\killed\\out\\stream.dat'] as const;
      for (let round = 0; round < kills(1); round++) {
        rmSync(target, { force: true });
        const client = startClient(lab, 'fetch', ...args);
        const exited = once(client, 'exit');
        // In the start of the server every fourth time, else in the transfer, which begins when the client has its manager.
        if (round % 4 === 3) await expect.poll(() => comServers(lab), { timeout: deadline(30_000) }).toHaveLength(1);
        else await Promise.race([once(client.stdout as NodeJS.ReadableStream, 'data'), exited]);
        await setTimeout(upTo(1200));
        killInLab(lab, '--com-server');
        killInLab(lab, service);
        const [code] = await exited;
        if (code === 0) expect(readFileSync(target).equals(stream.bytes)).toBe(true);
        else expect(existsSync(target)).toBe(false);
        expect((await bridge.request('bits/list')).contents).toMatchObject([{ contentId: 'img' }]);
      }
      expect((await runClient(lab, 'fetch', ...args)).code).toBe(0);
      expect(readFileSync(target).equals(stream.bytes)).toBe(true);
      await expect.poll(() => readdirSync(out)).toEqual(['stream.dat']);
      await expect.poll(() => comServers(lab), { timeout: deadline(45_000) }).toEqual([]);
      await bridge.request('bits/unregister', { contentId: 'img' });
      expect(existsSync(join(lab.driveC, 'ProgramData', 'c2r-bridge'))).toBe(false);
      expect(await bridge.stop()).toBe(0);
      await expect.poll(orphans, { timeout: deadline(20_000) }).toEqual([]);
      rmSync(folder, { recursive: true });
    },
    patience(kills(1)),
  );
});
