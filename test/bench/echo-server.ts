// The bridge's own rpc/ with one method that echoes: for messages of a size that no method of the bridge takes.

import * as z from 'zod/mini';
import type { Log } from '../../src/base/log.js';
import type { Clock } from '../../src/base/run.js';
import { method } from '../../src/contract/method.js';
import { createService, servedArea } from '../../src/rpc/service.js';
import { serve } from '../../src/rpc/session.js';

const area = {
  echo: method('bench/echo', {
    summary: 'Gives back what it got.',
    params: z.strictObject({ value: z.string() }),
    result: z.object({ value: z.string() }),
  }),
  take: method('bench/take', {
    summary: 'Gives back nothing.',
    params: z.strictObject({ value: z.union([z.string(), z.array(z.string())]) }),
    result: z.object({}),
  }),
} as const;

const ignore = () => undefined;
const log: Log = { error: ignore, warn: ignore, info: ignore, debug: ignore };
const clock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
const bench = servedArea(
  async () => area,
  async () => ({ handlers: { echo: async ({ value }: { value: string }) => ({ value }), take: async () => ({}) } }),
);
serve(createService({ bench }, log), {
  input: process.stdin,
  output: process.stdout,
  clock,
  log,
  watchParent: ignore,
  leave: (exitCode) => process.exit(exitCode),
});
