import type { IncomingHttpHeaders } from 'node:http';

/** The head of an answer whose body is as plain as it can be: so many bytes, and nothing done to them. */
export interface PlainHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** How long the body is. */
  readonly length: number;
  /** Whether the connection can carry another request after it. */
  readonly keepsAlive: boolean;
}

/** A head that is longer is not read here. */
export const maxHeadBytes = 16 * 1024;

const statusLine = /^HTTP\/1\.([01]) (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const fieldLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/;
/** The statuses that come with a file, and a proxy's wish for a sign-in, which is bound to the connection. */
const statuses = ['200', '206', '407'];
/** A field of several lines that are one list. */
const listed = 'proxy-authenticate';
/** Fields that may come more than once, and that nobody here reads. */
const repeatable = ['set-cookie', 'via', 'vary', 'warning', 'cache-control', 'age', 'x-cache', 'server-timing'];

/**
 * Reads the head of an answer, without the empty line that ends it, as strictly as RFC 9112 lets a server write it. Null for
 * whatever is not a plain answer with a file, or a part of one: another status, a body without a length or in chunks, an
 * encoding, a field that is folded, malformed or there twice. https://www.rfc-editor.org/rfc/rfc9112
 */
export function readPlainHead(text: string, method: 'GET' | 'HEAD'): PlainHead | null {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, code] = statusLine.exec(first) ?? [];
  const headers = readFields(lines);
  if (!headers || code === undefined || !statuses.includes(code)) return null;
  const { 'content-length': length = '', 'content-encoding': encoding = 'identity' } = headers;
  if (headers['transfer-encoding'] !== undefined || encoding.toLowerCase() !== 'identity') return null;
  const isLength = /^\d{1,15}$/.test(length);
  if (!isLength && (method === 'GET' || length !== '')) return null;
  const keepsAlive = minor === '1' && (headers.connection ?? 'keep-alive').toLowerCase() === 'keep-alive';
  return { status: Number(code), headers, length: method === 'HEAD' ? 0 : Number(length), keepsAlive };
}

function readFields(lines: readonly string[]): Record<string, string> | null {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = fieldLine.exec(line) ?? [];
    if (name === undefined || value === undefined) return null;
    const key = name.toLowerCase();
    const before = fields.get(key);
    if (before !== undefined && key !== listed && !repeatable.includes(key)) return null;
    if (key === listed && before !== undefined) fields.set(key, `${before}, ${value}`);
    else if (key !== 'set-cookie') fields.set(key, value);
  }
  return Object.fromEntries(fields);
}

/** Whether bytes that should be a head can still become one that is read here: their lines end as they should. */
export function mayBePlainHead(bytes: Buffer): boolean {
  return bytes.length <= maxHeadBytes && !/(?:^|[^\r])\n/.test(bytes.toString('latin1'));
}
