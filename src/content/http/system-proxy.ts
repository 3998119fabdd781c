import type { ProxyConfiguration } from '../port.js';

/**
 * The proxies of a configuration for a URL, in the order in which they are tried, as URLs; null stands for no proxy.
 * https://learn.microsoft.com/windows/win32/api/winhttp/ns-winhttp-winhttp_proxy_info
 */
export function configuredProxies({ proxies, bypass }: ProxyConfiguration, url: URL): readonly (string | null)[] {
  if (isBypassed(bypass, url)) return [null];
  const entries = proxies.split(/[;\s]+/).filter((entry) => entry !== '');
  const named = entries.map((entry) => /^(?:(\w+)=)?(?:(https?):\/\/)?(.+)$/i.exec(entry));
  const fitting = named.filter((match) => match?.[1] === undefined || `${match[1].toLowerCase()}:` === url.protocol);
  const found = fitting.flatMap((match) => {
    const [, , scheme = 'http', place = ''] = match ?? [];
    if (/^direct$/i.test(place)) return [null];
    const proxy = `${scheme.toLowerCase()}://${place}`;
    return URL.canParse(proxy) ? [proxy] : [];
  });
  return found.length > 0 ? found : [null];
}

/** Whether a list such as `*.corp.example;10.*;<local>` names the host of a URL. */
function isBypassed(bypass: string, { hostname, protocol, port }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return bypass
    .split(/[;\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry.toLowerCase() === '<local>') return !host.includes('.') && !host.includes(':');
      const [, scheme, name = '', onlyPort] = /^(?:(https?):\/\/)?\[?(.*?)\]?(?::(\d+))?$/i.exec(entry) ?? [];
      if (scheme !== undefined && `${scheme.toLowerCase()}:` !== protocol) return false;
      if (onlyPort !== undefined && Number(onlyPort) !== (Number(port) || (protocol === 'https:' ? 443 : 80)))
        return false;
      return matches(host.toLowerCase(), name.toLowerCase());
    });
}

/** Whether a name fits a pattern with asterisks; in one pass, whatever the pattern. */
function matches(name: string, pattern: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  if (parts.length === 0) return name === first;
  const last = parts.pop() ?? '';
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
