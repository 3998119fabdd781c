import { contentInvalid } from '../../base/content-invalid.js';
import { percentDecoded } from '../../base/percent-encoding.js';
import { channelByName } from '../../contract/channels.js';
import { archRefusal, defaultEndpoint } from '../../contract/content.js';

/** What `content/fileList` takes, as an update's metadata names it. */
export interface ServicePath {
  readonly endpoint: string;
  readonly channel?: string;
  readonly version?: string;
  readonly arch?: 'x64' | 'x86';
  readonly languages: string[];
  readonly allLanguages: boolean;
}

const architectures: Readonly<Record<string, 'x64' | 'x86'>> = { '64': 'x64', x64: 'x64', '32': 'x86', x86: 'x86' };

/** Parameters of the file list; whatever else stands in a query belongs to the endpoint. */
const own = new Set(['channel', 'version', 'arch', 'lid', 'alllanguages']);

/**
 * Takes a MoreInfoUrl apart. Its ServicePath is a whole URL that is usually not encoded, so that its query runs on to the
 * end of the text, and the published samples have spaces around the name. Metadata older than ServicePath names the
 * version, branch and architecture only. Throws ContentInvalid where neither is there.
 */
export function servicePath(moreInfoUrl: string): ServicePath {
  const text = moreInfoUrl.replaceAll('&amp;', '&').trim();
  const [, embedded] = /[?&](?:\s|\+|%20)*ServicePath(?:\s|\+|%20)*=(.*)$/is.exec(text) ?? [];
  return embedded === undefined ? fromOldMetadata(text, moreInfoUrl) : fromEmbedded(embedded, moreInfoUrl);
}

function fromEmbedded(embedded: string, moreInfoUrl: string): ServicePath {
  const address = /^(?:\s|\+|%20)*https?%3a/i.test(embedded) ? percentDecoded(embedded) : embedded;
  if (address === null) throw refusal(moreInfoUrl, 'its ServicePath is not encoded correctly');
  const trimmed = address.replace(/^(?:\s|\+|%20)+/, '').trim();
  if (!URL.canParse(trimmed)) throw refusal(moreInfoUrl, 'its ServicePath is not a URL');
  const url = new URL(trimmed);
  const query = lowerCaseQuery(url);
  for (const key of [...url.searchParams.keys()]) if (own.has(key.trim().toLowerCase())) url.searchParams.delete(key);
  return { endpoint: url.href, ...fields(query, moreInfoUrl) };
}

function fromOldMetadata(text: string, moreInfoUrl: string): ServicePath {
  const query = URL.canParse(text) ? lowerCaseQuery(new URL(text)) : new Map<string, string[]>();
  const [version] = query.get('ver') ?? [];
  const [branch] = query.get('branch') ?? [];
  if (!version || !branch) throw refusal(moreInfoUrl, 'it has neither a ServicePath nor a Ver and a Branch');
  query.set('version', [version]);
  query.set('channel', [branch]);
  return { endpoint: defaultEndpoint, ...fields(query, moreInfoUrl) };
}

function lowerCaseQuery(url: URL): Map<string, string[]> {
  const query = new Map<string, string[]>();
  for (const [key, value] of url.searchParams) {
    const name = key.trim().toLowerCase();
    query.set(name, [...(query.get(name) ?? []), value.trim()]);
  }
  return query;
}

function fields(query: ReadonlyMap<string, readonly string[]>, moreInfoUrl: string): Omit<ServicePath, 'endpoint'> {
  const first = (name: string) => query.get(name)?.find((value) => value !== '');
  const [channel, version, arch] = [first('channel'), first('version'), first('arch')];
  const known = arch === undefined ? undefined : architectures[arch.toLowerCase()];
  if (arch !== undefined && !known) {
    throw refusal(moreInfoUrl, `it names the architecture ${arch}, but it ${archRefusal}`);
  }
  return {
    ...(channel === undefined ? {} : { channel: channelByName(channel) ?? channel }),
    ...(version === undefined ? {} : { version }),
    ...(known === undefined ? {} : { arch: known }),
    languages: (query.get('lid') ?? []).filter((lid) => lid !== ''),
    allLanguages: first('alllanguages')?.toLowerCase() === 'true',
  };
}

function refusal(moreInfoUrl: string, reason: string): Error {
  return contentInvalid(`The MoreInfoUrl cannot be used: ${reason}.`, {
    url: moreInfoUrl,
    recommendation: 'Take the MoreInfoUrl from the metadata of an Office update, or name channel and version.',
  });
}
