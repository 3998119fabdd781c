import { contentInvalid } from '../../base/content-invalid.js';
import type { ContentFile } from '../../contract/content.js';
import { imagePath } from '../image/image-path.js';
import { collection, field, isObject } from './json.js';

const fields = [
  'url',
  'name',
  'relativePath',
  'path',
  'lcid',
  'hashLocation',
  'hashAlgorithm',
  'languageType',
] as const;

/**
 * A file list as the service sends it: an object with `files`, or the bare array of earlier years. Keys may have any
 * case, and unknown ones are kept. Throws ContentInvalid that names the file object where a field is missing or unsafe.
 */
export function parseFileList(body: unknown, url?: string): ContentFile[] {
  return collection(body, 'files', url).map((entry) => parseFile(entry, url));
}

function parseFile(entry: unknown, listUrl: string | undefined): ContentFile {
  if (!isObject(entry))
    throw contentInvalid('An entry of the file list is not an object.', { file: entry, url: listUrl });
  const text = (name: (typeof fields)[number]): string | null => {
    const value = field(entry, name);
    if (value === undefined || value === null) return null;
    // The service documents every field as a string; an LCID may well arrive as the number that it is.
    if (typeof value === 'number' && name === 'lcid') return String(value);
    if (typeof value === 'string') return value;
    throw contentInvalid(`${name} of a file object is not a string.`, { file: entry, url: listUrl });
  };
  const required = (name: 'url' | 'name' | 'relativePath'): string => {
    const value = text(name);
    if (value) return value;
    throw contentInvalid(`A file object has no ${name}.`, { file: entry, url: listUrl });
  };
  const [url, name, relativePath] = [required('url'), required('name'), required('relativePath')];
  if (!isDownloadUrl(url)) throw contentInvalid('url of a file object is not an http or https URL.', { file: entry });
  const languageType = field(entry, 'languageType');
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
    languageType: typeof languageType === 'string' ? languageType.toLowerCase() || null : null,
  };
}

function isDownloadUrl(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}
