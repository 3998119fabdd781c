import { join } from 'node:path';
import { Failure } from '../base/failure.js';
import type { content, ProxyChoice } from '../contract/content.js';
import type { Handlers } from '../contract/method.js';
import { proxyRoutes } from './http/proxy.js';
import { tally, type VerifyResult } from './image/verify.js';
import { requestChannels, requestFileList, requestSkus } from './list/release-service.js';
import { servicePath } from './list/service-path.js';
import type { CabinetSignatures, ContentSources, SystemNetwork } from './port.js';
import { offThread, type ThreadProgram } from './stage/off-thread.js';
import { prune } from './stage/prune.js';

export interface ContentSettings {
  /** The program that threads are started from. */
  readonly thread: ThreadProgram;
  /** Null where Windows is missing. */
  readonly signatures: CabinetSignatures | null;
  readonly sources: ContentSources;
  /** Null where Windows is missing. */
  readonly network: SystemNetwork | null;
}

/** The methods content/*: lists, staging and verification, the same on every platform. */
export function contentHandlers({ thread, signatures, sources, network }: ContentSettings): Handlers<typeof content> {
  const routed = <T extends { readonly proxy?: ProxyChoice | undefined }>(params: T) => ({
    ...params,
    proxy: proxyRoutes(params.proxy, network),
  });
  return {
    channels: (params, run) => requestChannels(routed(params), run),
    skus: async (params, run) => ({ skus: await requestSkus(routed(params), run) }),
    fileList: (params, run) => requestFileList(routed(params), run),
    servicePath: async ({ moreInfoUrl }) => servicePath(moreInfoUrl),
    stage: (params, run) => offThread(thread, { task: 'stage', params }, run),
    async verify(params, run) {
      if (params.signatures && !signatures) throw needsWindows();
      const result = await offThread<VerifyResult, unknown>(thread, { task: 'verify', params }, run);
      return params.signatures && signatures ? withSignatures(result, params.path, signatures, run.signal) : result;
    },
    prune: (params, run) => prune(params, sources, run),
  };
}

/** Counts a cabinet that Microsoft did not sign as corrupt. */
async function withSignatures(
  result: VerifyResult,
  root: string,
  signatures: CabinetSignatures,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const files: VerifyResult['files'] = [];
  for (const file of result.files) {
    signal.throwIfAborted();
    const signed = file.state === 'ok' && file.path.toLowerCase().endsWith('.cab');
    const fault = signed ? await signatures.fault(join(root, file.path)) : null;
    files.push(
      fault === null ? file : { ...file, state: 'corrupt', expected: 'a signature of Microsoft', actual: fault },
    );
  }
  return { ...result, files, ...tally(files) };
}

function needsWindows(): Failure {
  return new Failure('NotAvailable', 'Signatures can be checked on Windows only.', {
    reason: 'needsWindows',
    recommendation: 'Verify without signatures here, or run this on Windows.',
  });
}
