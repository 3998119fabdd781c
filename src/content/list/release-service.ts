import { contentInvalid } from '../../base/content-invalid.js';
import { withoutCredentials } from '../../base/credentials.js';
import { isDeeperThan, maxDepth } from '../../base/depth.js';
import { Failure, invalidParams } from '../../base/failure.js';
import { parseJsonText } from '../../base/json-text.js';
import type { Run } from '../../base/run.js';
import { channelByName } from '../../contract/channels.js';
import type { ChannelEntry, ChannelList, ContentFile, SkuEntry } from '../../contract/content.js';
import { HttpClient, type HttpRequest } from '../http/http.js';
import type { ProxyRoutes } from '../http/proxy.js';
import { readBody } from '../http/read-text.js';
import { withRetries } from '../http/retry.js';
import { parseChannels } from './channel-entries.js';
import {
  checkHistoryRedirect,
  checkListRedirect,
  fileListUrl,
  type ListRequest,
  releaseHistoryUrl,
  siblingUrl,
} from './endpoint.js';
import { parseFileList } from './file-list.js';
import { proofingFiles, versionOfList } from './proofing.js';
import { parseReleaseHistory, releaseHistoryXml } from './release-history.js';
import { parseSkus } from './sku-entries.js';

/** A list of every language of Office is below 1 MB; more than this is not a list. */
const maxListBytes = 32 * 1024 * 1024;
/** The history of all releases has some ten kilobytes. */
const maxHistoryBytes = 8 * 1024 * 1024;
/** What content/stage has too, where a caller can choose it. */
const usualLimits = { retries: 4, idleTimeoutMs: 30_000 };

export type ServiceRun = Omit<Run, 'report'>;

type FileListRequest = ListRequest & { readonly proxy: ProxyRoutes | null };

/** Asks for a file list; gives the request that was made and the files, of which there is at least one. */
export async function requestFileList(
  request: FileListRequest,
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
  const proofing = await requestProofing(request, versionOfList(files), run, limits);
  // Where a language is listed as a whole, its proofing tools may be in both.
  const byPath = new Map([...proofing, ...files].map((file) => [file.path, file]));
  const all = proofing.length === 0 ? files : [...byPath.values()];
  return { url: withoutCredentials(url.href), files: all };
}

/** The proofing tools of languages, of the very version that a list has. */
async function requestProofing(
  request: FileListRequest,
  listed: string | null,
  run: ServiceRun,
  limits: typeof usualLimits,
): Promise<ContentFile[]> {
  if (request.allLanguages) return [];
  const found: ContentFile[] = [];
  for (const language of request.proofingLanguages ?? []) {
    const version = request.version ?? listed ?? undefined;
    const url = fileListUrl({ ...request, version, languages: [language] });
    const list = parseFileList(await requestJson(url, request.proxy, run, limits), withoutCredentials(url.href));
    const files = proofingFiles(list);
    if (files.length === 0) {
      throw contentInvalid(`The file list has no proofing tools for ${language}.`, {
        url: url.href,
        recommendation: 'Check the language; some have no proofing tools, and early versions have fewer.',
      });
    }
    found.push(...files);
  }
  return found;
}

interface SiblingRequest {
  readonly endpoint?: string | undefined;
  readonly proxy: ProxyRoutes | null;
}

interface ChannelsRequest extends SiblingRequest {
  readonly releaseHistory?: string | undefined;
  readonly productIds?: readonly string[] | undefined;
}

/** The newest release is never older than this: channels get one a month at least. */
const staleMs = 45 * 24 * 3600 * 1000;

/** Asks for the channels and their releases, or for those channels that have some products. */
export async function requestChannels(request: ChannelsRequest, run: ServiceRun): Promise<ChannelList> {
  const list = await requestEveryChannel(request, run);
  const { productIds = [] } = request;
  if (productIds.length === 0) return list;
  const skus = await requestSkus(request, run);
  const names = productIds.map((id) => channelsOf(id, skus));
  const channels = list.channels.filter(({ name, alternateNames }) =>
    names.every((known) => [name, ...alternateNames].some((each) => known.has(each.toLowerCase()))),
  );
  return { ...list, channels };
}

/** The channels of a product, in lower case. */
function channelsOf(productId: string, skus: readonly SkuEntry[]): ReadonlySet<string> {
  const sku = skus.find((each) => each.productId?.toLowerCase() === productId.toLowerCase());
  if (sku) return new Set(sku.channels.map((channel) => channel.toLowerCase()));
  throw invalidParams([{ path: 'productIds', message: `${productId} is not a product that content/skus lists` }]);
}

/**
 * Asks the release history service for the channels and their releases. Where it fails, or knows no channels, the CDN's own
 * list of its releases is taken; where that fails, too, the service's failure counts.
 */
async function requestEveryChannel(request: ChannelsRequest, run: ServiceRun): Promise<ChannelList> {
  const { endpoint, proxy } = request;
  const url = siblingUrl(endpoint, 'channels');
  const history = releaseHistoryUrl(endpoint, request.releaseHistory);
  const now = run.clock.date().getTime();
  const answer = await settled(
    requestJson(url, proxy, run).then((body) => parseChannels(body, url.href)),
    run,
  );
  const reason = answer.failure?.message ?? (answer.channels.length === 0 ? 'The service knows no channels.' : null);
  if (reason !== null && history) {
    const fallback = await settled(requestHistory(history, proxy, run), run);
    if (fallback.channels.length > 0) {
      return { ...described(fallback.channels, now), source: 'releaseHistory', sourceReason: reason };
    }
    run.log.warn('the release history of the CDN is of no use', { reason: fallback.failure?.message ?? 'it is empty' });
  }
  if (answer.failure) throw answer.failure;
  return { ...described(answer.channels, now), source: 'service', sourceReason: reason };
}

/** What a request came to; rejects with anything but a failure that callers are told of. */
async function settled(
  request: Promise<ChannelEntry[]>,
  { signal }: ServiceRun,
): Promise<{ channels: ChannelEntry[]; failure: Failure | null }> {
  try {
    return { channels: await request, failure: null };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) return { channels: [], failure: error };
    throw error;
  }
}

function described(
  channels: ChannelEntry[],
  now: number,
): Pick<ChannelList, 'channels' | 'freshness' | 'newestReleaseAt'> {
  if (channels.length === 0) return { channels, freshness: 'empty', newestReleaseAt: null };
  const times = channels.flatMap(({ releases }) => releases.map(({ availableAt }) => availableAt ?? ''));
  const newest = times
    .filter((time) => time !== '')
    .sort((a, b) => Date.parse(a) - Date.parse(b))
    .at(-1);
  if (newest === undefined) return { channels, freshness: 'unknown', newestReleaseAt: null };
  const freshness = now - Date.parse(newest) > staleMs ? 'stale' : 'current';
  return { channels, freshness, newestReleaseAt: newest };
}

/** The CDN's own list of its releases. */
async function requestHistory(url: URL, proxy: ProxyRoutes | null, run: ServiceRun): Promise<ChannelEntry[]> {
  const cabinet = await requestBody(url, 'application/octet-stream', checkHistoryRedirect, proxy, run, {
    ...usualLimits,
    maxBytes: maxHistoryBytes,
  });
  return parseReleaseHistory(await releaseHistoryXml(cabinet.body, url.href), url.href);
}

interface SkusRequest extends SiblingRequest {
  readonly channel?: string | undefined;
}

/** Asks for the products that can be deployed from the CDN, or for those of one channel. */
export async function requestSkus({ endpoint, channel, proxy }: SkusRequest, run: ServiceRun): Promise<SkuEntry[]> {
  const url = siblingUrl(endpoint, 'skus');
  const skus = parseSkus(await requestJson(url, proxy, run), url.href);
  if (channel === undefined) return skus;
  const wanted = (channelByName(channel) ?? channel).toLowerCase();
  return skus.filter(({ channels }) => channels.some((name) => (channelByName(name) ?? name).toLowerCase() === wanted));
}

async function requestJson(
  url: URL,
  proxy: ProxyRoutes | null,
  run: ServiceRun,
  limits = usualLimits,
): Promise<unknown> {
  const { body, from } = await requestBody(url, 'application/json', checkListRedirect, proxy, run, {
    ...limits,
    maxBytes: maxListBytes,
  });
  return parseJson(body.toString('utf8'), withoutCredentials(from));
}

async function requestBody(
  url: URL,
  accept: string,
  checkRedirect: NonNullable<HttpRequest['checkRedirect']>,
  proxy: ProxyRoutes | null,
  { signal, clock, log }: ServiceRun,
  { retries, idleTimeoutMs, maxBytes }: typeof usualLimits & { readonly maxBytes: number },
): Promise<{ body: Buffer; from: string }> {
  const client = new HttpClient({ proxy, idleTimeoutMs, connections: 1, log });
  try {
    return await withRetries({ retries, clock, signal, log }, undefined, async () => {
      const response = await client.send({
        method: 'GET',
        url: url.href,
        headers: { accept },
        signal,
        checkRedirect,
      });
      return { body: await readBody(response, maxBytes), from: response.url };
    });
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
