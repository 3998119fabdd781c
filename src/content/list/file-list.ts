import { type ContentFile, maxListEntries } from '../../contract/content.js';
import { contentInvalid } from '../http/faults.js';
import { imagePath } from '../image/image-path.js';

type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Looks a field up by name in any case, because the services differ in it. */
export function field(object: Json, name: string): unknown {
  if (name in object) return object[name];
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : object[key];
}

/** The array of a response that is either the array itself or an object that holds it under `name`. */
export function collection(body: unknown, name: string, url?: string): readonly unknown[] {
  const items = Array.isArray(body) ? body : isObject(body) ? field(body, name) : undefined;
  if (Array.isArray(items)) {
    if (items.length <= maxListEntries) return items;
    throw contentInvalid(`The list of ${name} has ${items.length} entries, more than ${maxListEntries}.`, { url });
  }
  throw contentInvalid(`The response has no list of ${name}.`, {
    url,
    recommendation: 'Check that the endpoint is the one of the Office file list.',
  });
}

const fields = ['url', 'name', 'relativePath', 'path', 'lcid', 'hashLocation', 'hashAlgorithm'] as const;

/**
 * A file list as the service sends it: an object with `files`, or the bare array of earlier years. Keys may have any
 * case, and unknown ones are kept. Throws ContentInvalid that names the file object where a field is missing or unsafe.
 */
export function parseFileList(body: unknown, url?: string): ContentFile[] {
  return collection(body, 'files', url).map((entry) => parseFile(entry, url));
}

function parseFile(entry: unknown, listUrl: string | undefined): ContentFile {
  if (!isObject(entry)) throw contentInvalid('An entry of the file list is no object.', { file: entry, url: listUrl });
  const text = (name: (typeof fields)[number]): string | null => {
    const value = field(entry, name);
    if (value === undefined || value === null) return null;
    // The service documents every field as a string; an LCID may well arrive as the number that it is.
    if (typeof value === 'number' && name === 'lcid') return String(value);
    if (typeof value === 'string') return value;
    throw contentInvalid(`${name} of a file object is no string.`, { file: entry, url: listUrl });
  };
  const required = (name: 'url' | 'name' | 'relativePath'): string => {
    const value = text(name);
    if (value) return value;
    throw contentInvalid(`A file object has no ${name}.`, { file: entry, url: listUrl });
  };
  const [url, name, relativePath] = [required('url'), required('name'), required('relativePath')];
  if (!isDownloadUrl(url)) throw contentInvalid('url of a file object is no http or https URL.', { file: entry });
  const known = new Set(fields.map((key) => key.toLowerCase()));
  const unknown = Object.entries(entry).filter(([key]) => !known.has(key.toLowerCase()));
  return {
    ...Object.fromEntries(unknown),
    url,
    name,
    relativePath,
    path: imagePath(relativePath, name, entry),
    lcid: text('lcid'),
    hashLocation: text('hashLocation') || null,
    hashAlgorithm: text('hashAlgorithm') || null,
  };
}

function isDownloadUrl(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}
