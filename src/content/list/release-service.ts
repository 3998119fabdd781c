import { withoutCredentials } from '../../base/credentials.js';
import { isDeeperThan, maxDepth } from '../../base/depth.js';
import { parseJsonText } from '../../base/json-text.js';
import type { Run } from '../../base/run.js';
import type { ChannelEntry, ContentFile, ProxyChoice, SkuEntry } from '../../contract/content.js';
import { contentInvalid } from '../http/faults.js';
import { HttpClient } from '../http/http.js';
import { proxyServer } from '../http/proxy.js';
import { readText } from '../http/read-text.js';
import { withRetries } from '../http/retry.js';
import { parseChannels } from './channel-entries.js';
import { checkListRedirect, fileListUrl, type ListRequest, siblingUrl } from './endpoint.js';
import { parseFileList } from './file-list.js';
import { parseSkus } from './sku-entries.js';

/** A list of every language of Office is below 1 MB; more than this is no list. */
const maxListBytes = 32 * 1024 * 1024;
/** What content/stage has too, where a caller can choose it. */
const usualLimits = { retries: 4, idleTimeoutMs: 30_000 };

export type ServiceRun = Omit<Run, 'report'>;

/** Asks for a file list; gives the request that was made and the files, of which there is at least one. */
export async function requestFileList(
  request: ListRequest & { readonly proxy?: ProxyChoice | undefined },
  run: ServiceRun,
  limits = usualLimits,
): Promise<{ url: string; files: ContentFile[] }> {
  const url = fileListUrl(request);
  const files = parseFileList(await requestJson(url, request.proxy, run, limits), withoutCredentials(url.href));
  if (files.length === 0) {
    throw contentInvalid('The file list is empty.', {
      url: url.href,
      recommendation:
        'Check that the service has this version in this channel and architecture; content/channels lists some.',
    });
  }
  return { url: withoutCredentials(url.href), files };
}

interface SiblingRequest {
  readonly endpoint?: string | undefined;
  readonly proxy?: ProxyChoice | undefined;
}

/** Asks the release history service for the channels and their releases. */
export async function requestChannels({ endpoint, proxy }: SiblingRequest, run: ServiceRun): Promise<ChannelEntry[]> {
  const url = siblingUrl(endpoint, 'channels');
  return parseChannels(await requestJson(url, proxy, run), url.href);
}

/** Asks for the products that can be deployed from the CDN. */
export async function requestSkus({ endpoint, proxy }: SiblingRequest, run: ServiceRun): Promise<SkuEntry[]> {
  const url = siblingUrl(endpoint, 'skus');
  return parseSkus(await requestJson(url, proxy, run), url.href);
}

async function requestJson(
  url: URL,
  proxy: ProxyChoice | undefined,
  run: ServiceRun,
  { retries, idleTimeoutMs } = usualLimits,
): Promise<unknown> {
  const { signal, clock, log } = run;
  const server = proxy === undefined ? null : proxyServer(proxy);
  const client = new HttpClient({ proxy: server, idleTimeoutMs, connections: 1, log });
  try {
    const headers = { accept: 'application/json' };
    const { text, from } = await withRetries({ retries, clock, signal, log }, undefined, async () => {
      const response = await client.send({
        method: 'GET',
        url: url.href,
        headers,
        signal,
        checkRedirect: checkListRedirect,
      });
      return { text: await readText(response, maxListBytes), from: response.url };
    });
    return parseJson(text, withoutCredentials(from));
  } finally {
    client.close();
  }
}

function parseJson(text: string, url: string): unknown {
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch {
    const page = /^\s*<(?:!doctype|html)/i.test(text);
    throw contentInvalid(page ? 'An HTML page came instead of the list.' : 'The list is not JSON.', {
      url,
      recommendation: 'Check the endpoint, and whether a proxy or a sign-in page of the network answers in its place.',
    });
  }
  if (isDeeperThan(maxDepth, value)) {
    throw contentInvalid(`The list is nested deeper than ${maxDepth} levels.`, { url });
  }
  return value;
}
