import * as z from 'zod/mini';
import { method } from './method.js';
import { namedObject } from './named.js';
import { backend, clsid, contentId, hresult, timestamp } from './types.js';

const name = contentId.check(
  z.describe('The name under which Office asks for the content source; neither case nor braces matter.'),
);

const baseUrl = z
  .string()
  .check(
    z.maxLength(2048),
    z.regex(/^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^\s?#]+$/, 'must be an http or https URL without query or fragment'),
    z.describe('The base URL of an image.'),
  );

const registration = z.object({
  contentId: z.string(),
  clsid: z.string().check(z.describe('The COM class that serves the content source.')),
  path: z.nullable(z.string()).check(z.describe('The folder or share that is served.')),
  baseUrl: z.nullable(z.string()).check(z.describe('The HTTP(S) base URL that is served.')),
  registeredAt: timestamp,
});

const count = z.int().check(z.minimum(0));

/** What was served of a content source, since it was registered. */
export const served = z.object({
  bytesServed: count.check(z.describe('Bytes given to clients.')),
  files: count.check(z.describe('Files, or parts of files, that were given whole and found right.')),
  bytesPerSecond: count.check(z.describe('The rate of the running download, or of the last one.')),
  percent: z
    .nullable(z.number().check(z.minimum(0), z.maximum(100)))
    .check(
      z.describe('How much of the version is transferred; null where no download runs or the whole is not known.'),
    ),
  versions: z
    ._default(z.array(z.string()), [])
    .check(z.describe('The versions that the running download takes; empty where none runs.')),
  lastError: z.nullable(
    namedObject('ContentSourceError', {
      failedAt: timestamp,
      file: z.string(),
      message: z.string(),
      hresult,
      hresultName: z.nullable(z.string()),
    }),
  ),
});
export type Served = z.output<typeof served>;

const download = namedObject('DownloadSource', { downloadSource: z.string(), contentId: z.string() }).check(
  z.describe('What c2r/download and c2r/update take to download from here.'),
);

/** Both or none: a content source has one place. */
export function sourceIssues(params: {
  readonly path?: string | undefined;
  readonly baseUrl?: string | undefined;
}): { path: string; message: string }[] {
  if ((params.path === undefined) !== (params.baseUrl === undefined)) return [];
  return [{ path: 'path', message: 'give either path or baseUrl' }];
}

export const bits = {
  register: method('bits/register', {
    summary: 'Lets Click-to-Run download from a folder, a share or a base URL, through a COM class of the bridge.',
    params: z.strictObject({
      contentId: name,
      path: z
        .optional(z.string().check(z.minLength(1), z.maxLength(1024)))
        .check(z.describe('An image, as content/stage makes it: a folder, or a share by its UNC path.')),
      baseUrl: z.optional(baseUrl),
      clsid: z.optional(clsid).check(z.describe('The COM class to serve the content; absent, the one of the bridge.')),
    }),
    result: z.object({
      ...registration.shape,
      changed: z.boolean().check(z.describe('Whether anything had to be written.')),
      download,
      backend,
    }),
    errors: ['AccessDenied', 'InUse', 'NoSpace', 'NotAvailable', 'WindowsError'],
  }),
  unregister: method('bits/unregister', {
    summary: 'Removes a registration; its COM class goes with the last content source that it serves.',
    params: z.strictObject({ contentId: name }),
    result: z.object({
      contentId: z.string(),
      removed: z.boolean().check(z.describe('Whether it was registered.')),
      classRemoved: z.boolean().check(z.describe('Whether the COM class went with it.')),
      backend,
    }),
    errors: ['AccessDenied', 'InUse', 'NoSpace', 'NotAvailable', 'WindowsError'],
  }),
  list: method('bits/list', {
    summary: 'Lists the registered content sources and what was served of them.',
    params: z.strictObject({}),
    result: z.object({
      contents: z.array(namedObject('ContentSource', { ...registration.shape, ...served.shape, download })),
      backend,
    }),
    errors: ['AccessDenied', 'NotAvailable', 'WindowsError'],
  }),
} as const;
