import { withoutCredentials } from '../../base/credentials.js';
import { isDeeperThan, maxDepth } from '../../base/depth.js';
import { parseJsonText } from '../../base/json-text.js';
import type { Run } from '../../base/run.js';
import { channelByName, channelFolders } from '../../contract/channels.js';
import type { ChannelEntry, ContentFile, ProxyChoice, SkuEntry } from '../../contract/content.js';
import { contentInvalid } from '../http/faults.js';
import { HttpClient } from '../http/http.js';
import { proxyServer } from '../http/proxy.js';
import { readText } from '../http/read-text.js';
import { withRetries } from '../http/retry.js';
import { checkListRedirect, fileListUrl, type ListRequest, siblingUrl } from './endpoint.js';
import { collection, field, isObject, parseFileList } from './file-list.js';

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
  return collection(await requestJson(url, proxy, run), 'channels', url.href).map((raw) => {
    const { object, text } = entry(raw, url);
    const name = text('name', 'channelId', 'channel');
    if (name === null) throw contentInvalid('A channel has no name.', { file: raw, url: url.href });
    const known = channelByName(name);
    const releases = field(object, 'officeVersions') ?? field(object, 'releases') ?? field(object, 'updates');
    return {
      name,
      displayName: text('displayName', 'channel'),
      cdnGuid: known ? channelFolders[known] : guidOf(text('baseUrl', 'cdnBaseUrl')),
      latestVersion: text('latestVersion', 'latestUpdateVersion'),
      releases: Array.isArray(releases) ? releases.flatMap((item) => releaseOf(item)) : [],
      raw: object,
    };
  });
}

/** Asks for the products that can be deployed from the CDN. */
export async function requestSkus({ endpoint, proxy }: SiblingRequest, run: ServiceRun): Promise<SkuEntry[]> {
  const url = siblingUrl(endpoint, 'skus');
  return collection(await requestJson(url, proxy, run), 'skus', url.href).map((raw) => {
    const { object, text } = entry(raw, url);
    const name = text('name', 'id', 'skuId', 'productId', 'productReleaseId');
    if (name === null) throw contentInvalid('A product has neither a name nor an id.', { file: raw, url: url.href });
    return { name, displayName: text('displayName', 'title'), raw: object };
  });
}

function entry(raw: unknown, url: URL) {
  if (!isObject(raw)) throw contentInvalid('An entry of the list is no object.', { file: raw, url: url.href });
  const text = (...names: string[]): string | null => {
    const values = names.map((name) => field(raw, name));
    return values.find((value): value is string => typeof value === 'string' && value !== '') ?? null;
  };
  return { object: { ...raw }, text };
}

function guidOf(url: string | null): string | null {
  return /\/pr\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/i.exec(url ?? '')?.[1]?.toLowerCase() ?? null;
}

function releaseOf(item: unknown): ChannelEntry['releases'] {
  if (!isObject(item)) return [];
  const text = (name: string) => {
    const value = field(item, name);
    // The services write the first day of the year 1 where there is no date.
    return typeof value === 'string' && value !== '' && !value.startsWith('0001-01-01') ? value : null;
  };
  const version = text('legacyVersion') ?? text('releaseVersion') ?? text('version');
  if (version === null) return [];
  return [{ version, availableAt: text('availabilityDate'), endOfSupportAt: text('endOfSupportDate') }];
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
    throw contentInvalid(page ? 'An HTML page came instead of the list.' : 'The list is no JSON.', {
      url,
      recommendation: 'Check the endpoint, and whether a proxy or a sign-in page of the network answers in its place.',
    });
  }
  if (isDeeperThan(maxDepth, value)) {
    throw contentInvalid(`The list is nested deeper than ${maxDepth} levels.`, { url });
  }
  return value;
}
