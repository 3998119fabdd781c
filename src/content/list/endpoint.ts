import { invalidParams } from '../../base/failure.js';
import { channelByName } from '../../contract/channels.js';
import { defaultEndpoint, defaultReleaseHistory } from '../../contract/content.js';

/** What to list; each absent field leaves the choice to the service. */
export interface ListRequest {
  readonly channel?: string | undefined;
  readonly version?: string | undefined;
  readonly arch?: 'x64' | 'x86' | undefined;
  readonly languages?: readonly string[] | undefined;
  readonly allLanguages?: boolean | undefined;
  /** Asked for apart, since the service takes no such wish. */
  readonly proofingLanguages?: readonly string[] | undefined;
  readonly endpoint?: string | undefined;
}

/** Whether a host name is this machine itself. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Whether a list may be fetched from there: what comes over plain http could name any file as Office's. */
function isListUrl(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/**
 * Where the CDN keeps the history of its releases: at the URL that is given, else beside Microsoft's own CDN. Null for an
 * endpoint that is not Microsoft's, which may be one of a network that nothing else is to be asked from.
 */
export function releaseHistoryUrl(endpoint: string | undefined, given: string | undefined): URL | null {
  if (given !== undefined) {
    const url = URL.canParse(given) ? new URL(given) : null;
    if (url && isListUrl(url)) return url;
    throw invalidParams([{ path: 'releaseHistory', message: 'must be an https URL (http only for the loopback)' }]);
  }
  const isMicrosoft = /(?:^|\.)(?:config\.office\.com|config\.office\.net)$/i.test(listEndpoint(endpoint).hostname);
  return isMicrosoft ? new URL(defaultReleaseHistory) : null;
}

/** The rule for redirects of a file that is fetched instead of a list. */
export function checkHistoryRedirect(_asked: URL, to: URL): string | null {
  return isListUrl(to) ? null : 'The server redirects the release history to plain http.';
}

/** The rule for redirects of a list; see `HttpRequest.checkRedirect`. */
export function checkListRedirect(asked: URL, to: URL): string | null {
  if (!isListUrl(to)) return 'The server redirects the list to plain http.';
  carryQuery(asked, to);
  return null;
}

/** A forwarding link may drop the query, and the target would then answer for its default channel. */
function carryQuery(from: URL, to: URL): void {
  const present = new Set([...to.searchParams.keys()].map((key) => key.toLowerCase()));
  for (const [key, value] of from.searchParams) {
    if (!present.has(key.toLowerCase())) to.searchParams.append(key, value);
  }
}

function listEndpoint(endpoint: string = defaultEndpoint): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (!url || !isListUrl(url)) {
    throw invalidParams([{ path: 'endpoint', message: 'must be an https URL (http only for the loopback)' }]);
  }
  return url;
}

/** The URL of the file list; parameters that the endpoint itself carries stay. */
export function fileListUrl(request: ListRequest): URL {
  const url = listEndpoint(request.endpoint);
  const { searchParams } = url;
  const { channel, version, arch, languages = [], allLanguages } = request;
  if (channel !== undefined) searchParams.append('channel', channelByName(channel) ?? channel);
  if (version !== undefined) searchParams.append('version', version);
  if (arch !== undefined) searchParams.append('arch', arch);
  for (const language of languages) searchParams.append('lid', language);
  if (allLanguages) searchParams.append('alllanguages', 'true');
  return url;
}

/** The URL of a sibling of the file list: `channels` or `skus`. */
export function siblingUrl(endpoint: string | undefined, sibling: 'channels' | 'skus'): URL {
  const url = listEndpoint(endpoint);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${sibling}`;
  return url;
}
