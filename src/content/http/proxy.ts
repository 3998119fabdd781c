import { Failure, invalidParams } from '../../base/failure.js';
import { percentDecoded } from '../../base/percent-encoding.js';
import type { ProxyChoice } from '../../contract/content.js';
import type { SystemNetwork } from '../port.js';
import { configuredProxies } from './system-proxy.js';

/** An HTTP proxy to go through; `authorization` is the value of a Proxy-Authorization header, or null. */
export interface ProxyServer {
  readonly url: URL;
  readonly authorization: string | null;
  /** Signs in with the identity of this process; null where that cannot be. */
  readonly signIn: SystemNetwork['signIn'] | null;
}

/** The proxies that lead to a URL, in the order in which they are tried; null among them stands for none. */
export interface ProxyRoutes {
  (url: URL): Promise<readonly (ProxyServer | null)[]>;
  /** Forgets what is known, for a way that led nowhere: the network may be another one by now. */
  forget?(): void;
}

/** Reads the `proxy` parameter; null for no proxy. `network` is what Windows knows, and null elsewhere. */
export function proxyRoutes(choice: ProxyChoice | undefined, network: SystemNetwork | null): ProxyRoutes | null {
  if (choice === undefined) return null;
  const { url } = typeof choice === 'string' ? { url: choice } : choice;
  if (url.toLowerCase() !== 'system') {
    const server = proxyServer(choice, network);
    return async () => [server];
  }
  if (!network) {
    throw new Failure('NotAvailable', 'The proxy of the system can be found on Windows only.', {
      reason: 'needsWindows',
      recommendation: 'Give the URL of the proxy instead.',
    });
  }
  return systemRoutes(typeof choice === 'string' ? null : choice, network);
}

/** As many answers are remembered; a list has fewer files. */
const maxKnownRoutes = 20_000;

function systemRoutes(
  credentials: { readonly username: string; readonly password: string } | null,
  network: SystemNetwork,
): ProxyRoutes {
  // Scripts decide by the URL, and each file is asked for several times.
  const known = new Map<string, ReturnType<ProxyRoutes>>();
  const find = async (url: URL) => {
    const found = await network.proxyFor(url.href);
    const proxies = found ? configuredProxies(found, url) : [null];
    return proxies.map((proxy) => {
      if (proxy === null) return null;
      return proxyServer(credentials ? { ...credentials, url: proxy } : proxy, network);
    });
  };
  const routesTo: ProxyRoutes = (url) => {
    const bare = new URL(url);
    // A script need not know what is in a URL for the server alone.
    bare.username = bare.password = bare.search = '';
    const before = known.get(bare.href);
    if (before) return before;
    const routes = find(bare);
    if (known.size < maxKnownRoutes) known.set(bare.href, routes);
    // That nothing was found out says nothing about the next time.
    routes.catch(() => known.delete(bare.href));
    return routes;
  };
  return Object.assign(routesTo, { forget: () => known.clear() });
}

/** Reads the `proxy` parameter. Its text is never part of an error: it may hold a password. */
export function proxyServer(proxy: ProxyChoice, network: SystemNetwork | null = null): ProxyServer {
  const given = typeof proxy === 'string' ? { url: proxy } : proxy;
  const url = URL.canParse(given.url) ? new URL(given.url) : null;
  if (!url?.hostname || !['http:', 'https:'].includes(url.protocol)) {
    throw invalidParams([
      { path: 'proxy', message: 'must be an http or https URL such as http://proxy:8080, or system' },
    ]);
  }
  const [username, password] =
    'username' in given ? [given.username, given.password] : [decoded(url.username), decoded(url.password)];
  url.username = '';
  url.password = '';
  const authorization = username === '' ? null : basicAuthorization(username, password);
  return { url, authorization, signIn: network?.signIn ?? null };
}

/** The value of an Authorization or Proxy-Authorization header. https://www.rfc-editor.org/rfc/rfc7617 */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/** A part of the URL that a person may have written without encoding a percent sign in it. */
function decoded(text: string): string {
  const plain = percentDecoded(text);
  if (plain !== null) return plain;
  throw invalidParams([
    {
      path: 'proxy',
      message: 'user name and password must be percent-encoded (% as %25), or be given beside the URL',
    },
  ]);
}

export const portOf = (url: URL) => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
/** The host of a URL as a socket takes it: an IPv6 address without its brackets. */
export const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');
