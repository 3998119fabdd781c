import * as z from 'zod/mini';
import { method } from './method.js';
import { named, namedObject } from './named.js';
import { officeVersion, progressFields } from './types.js';

/**
 * Where the file list is asked for when no endpoint is given; the older https://config.office.com/api/filelist answers
 * alike. https://learn.microsoft.com/office/client-developer/shared/manageability-applications-with-the-office-365-click-to-run-installer
 */
export const defaultEndpoint = 'https://clients.config.office.net/releases/v1.0/filelist';

/** Where the CDN itself keeps the history of its releases. */
export const defaultReleaseHistory = 'https://officecdn.microsoft.com/pr/wsus/releasehistory.cab';

const endpoint = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(8192),
    z.describe(`The file list's URL, https only (http for the loopback); ${defaultEndpoint} when absent.`),
  );

const proxyUrl = z.string().check(z.minLength(1), z.maxLength(8192));
const proxy = z
  .union([
    proxyUrl,
    z
      .strictObject({
        url: proxyUrl,
        username: z.string().check(z.maxLength(256)),
        password: z._default(z.string().check(z.maxLength(1024)), ''),
      })
      .check(named('Proxy')),
  ])
  .check(
    z.describe(
      'An HTTP proxy, for example http://proxy:8080; or `system` for what Windows uses for each URL, scripts and detection included. Where it asks for Negotiate or NTLM, Windows signs in as the account of the bridge. Credentials are never logged or stored.',
    ),
  );
export type ProxyChoice = z.output<typeof proxy>;

/** A CPU architecture as the file list names it. */
export const architectures = ['x64', 'x86'] as const;
/** What is said of every other architecture. */
export const archRefusal = 'must be x64 or x86; ARM64 devices take the x64 list, and its arm64x files belong to it';
const arch = z.enum(architectures, archRefusal).check(z.describe('The architecture of Office, not of Windows.'));

const channel = z
  .string()
  .check(
    z.regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a channel such as MonthlyEnterprise'),
    z.describe('An update channel; the names of earlier years are mapped to the present ones.'),
  );

const language = z
  .string()
  .check(z.maxLength(35), z.regex(/^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/, 'must be a language such as en-us'));

const productId = z.string().check(z.regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a product such as O365ProPlusRetail'));

const listParams = {
  channel: z.optional(channel),
  version: z.optional(officeVersion).check(z.describe('The version to list; the newest of the channel when absent.')),
  arch: z.optional(arch),
  languages: z
    .optional(z.array(language).check(z.maxLength(256)))
    .check(z.describe('Languages besides the language-neutral files.')),
  allLanguages: z.optional(z.boolean()).check(z.describe('Lists the files of every language.')),
  proofingLanguages: z
    .optional(z.array(language).check(z.maxLength(64)))
    .check(z.describe('Languages whose proofing tools alone are listed, besides languages.')),
  endpoint: z.optional(endpoint),
} as const;

/** The most entries that a list may have; one of every language of Office has a few hundred. */
export const maxListEntries = 20_000;

/** One file of an image. Fields that the service sends and that are not named here are kept. */
export const contentFile = z
  .looseObject({
    url: z.string().check(z.describe('Where to download the file.')),
    name: z.string().check(z.describe('Its name in the image, which may differ from the end of the URL.')),
    relativePath: z.string().check(z.describe('Its folder in the image; starts and ends with a slash.')),
    path: z.string().check(z.describe('relativePath and name as one path below the image, without a leading slash.')),
    lcid: z.nullable(z.string()).check(z.describe('The language as an LCID; "0" marks a language-neutral file.')),
    hashLocation: z
      .nullable(z.string())
      .check(z.describe('The cabinet and its member that hold the hash of the file.')),
    hashAlgorithm: z.nullable(z.string()),
    languageType: z
      .nullable(z.string())
      .check(
        z.describe(
          'What the service says of the language: `core`, `partial`, `proofing`, or `proofingonly` for the proofing tools of any.',
        ),
      ),
  })
  .check(named('ContentFile'));
export type ContentFile = z.output<typeof contentFile>;

const release = namedObject('Release', {
  version: z.string().check(z.describe('What `version` takes elsewhere, for example 16.0.20326.20100.')),
  release: z.nullable(z.string()).check(z.describe('The version as people know it, for example 2608.')),
  build: z.nullable(z.string()).check(z.describe('For example 20326.20100.')),
  availableAt: z.nullable(z.string()),
  endOfSupportAt: z.nullable(z.string()).check(z.describe('null where the service does not name one.')),
});

const channelEntry = namedObject('Channel', {
  name: z.string(),
  alternateNames: z.array(z.string()).check(z.describe('Other names that the service takes for it.')),
  displayName: z.nullable(z.string()),
  cdnGuid: z.nullable(z.string()).check(z.describe('The folder of the channel on officecdn.microsoft.com/pr.')),
  latestVersion: z.nullable(z.string()),
  releases: z.array(release),
  raw: z.record(z.string(), z.unknown()).check(z.describe('The entry as the service sent it.')),
});
export type ChannelEntry = z.output<typeof channelEntry>;
export type ChannelList = z.output<typeof content.channels.result>;

const skuEntry = namedObject('Sku', {
  name: z.string(),
  displayName: z.nullable(z.string()),
  productId: z
    .nullable(z.string())
    .check(z.describe('For example O365ProPlusRetail, as the deployment tool takes it.')),
  license: z.nullable(z.string()).check(z.describe('For example VL for a volume licence; null where none is named.')),
  channels: z.array(z.string()).check(z.describe('The channels that have the product.')),
  recommendedChannel: z.nullable(z.string()),
  apps: z.array(namedObject('SkuApp', { name: z.string(), appId: z.nullable(z.string()) })),
  raw: z.record(z.string(), z.unknown()).check(z.describe('The entry as the service sent it.')),
});
export type SkuEntry = z.output<typeof skuEntry>;

const stagingPhases = ['list', 'check', 'plan', 'cabinets', 'download', 'finish'] as const;

const byteProgress = {
  bytes: z.int().check(z.minimum(0), z.describe('Bytes that are done, of this run and before.')),
  totalBytes: z.nullable(z.int().check(z.minimum(0))).check(z.describe('null while it is not known.')),
  bytesPerSecond: z.nullable(z.int().check(z.minimum(0))),
  remainingMs: z.nullable(z.int().check(z.minimum(0))),
} as const;

const stageProgress = z.object({ phase: z.enum(stagingPhases), ...progressFields, ...byteProgress });
export type StageProgress = z.output<typeof stageProgress>;

const verifyProgress = z.object({ phase: z.literal('verify'), ...progressFields, ...byteProgress });
export type VerifyProgress = z.output<typeof verifyProgress>;

const pruneProgress = z.object({ phase: z.literal('prune'), ...progressFields });
export type PruneProgress = z.output<typeof pruneProgress>;

const plannedFile = namedObject('PlannedFile', {
  path: z.string(),
  size: z.nullable(z.int().check(z.minimum(0))).check(z.describe('null where the server does not tell.')),
  action: z
    .enum(['download', 'resume', 'reuse', 'check'])
    .check(z.describe('`check` hashes a file that is there already, and downloads it only where it is wrong.')),
});
export type PlannedFile = z.output<typeof plannedFile>;

const fileState = z
  .enum(['ok', 'missing', 'corrupt', 'unproven', 'extra'])
  .check(z.describe('`unproven` is a file whose published hash is missing or cannot be read.'));
export type FileState = z.output<typeof fileState>;

const verifiedFile = namedObject('VerifiedFile', {
  path: z.string(),
  state: fileState,
  expected: z
    .nullable(z.string())
    .check(
      z.describe('SHA-256; the size where that alone differs; what it should be, where nothing records its hash.'),
    ),
  actual: z.nullable(z.string()).check(z.describe('What was found instead, in the same terms.')),
});
export type VerifiedFile = z.output<typeof verifiedFile>;

const judgedPart = namedObject('ImagePart', {
  version: z.string(),
  arch,
  languages: z.array(z.string()),
  proofingLanguages: z.array(z.string()).check(z.describe('Languages of which the proofing tools alone are there.')),
  basis: z
    .enum(['asked', 'manifest', 'found'])
    .check(z.describe('Where that comes from: the params, the manifest, or, as an assumption, what lies there.')),
});

const networkErrors = ['NetworkError', 'ContentInvalid', 'NotAvailable'] as const;

export const content = {
  channels: method('content/channels', {
    summary: 'Lists the update channels and their releases, from the release history service.',
    params: z.strictObject({
      endpoint: z.optional(endpoint),
      releaseHistory: z
        .optional(z.string().check(z.minLength(1), z.maxLength(8192)))
        .check(
          z.describe(
            `Where the CDN's releasehistory.cab lies, for when the service fails; ${defaultReleaseHistory} when absent and the endpoint is Microsoft's.`,
          ),
        ),
      productIds: z
        .optional(z.array(productId).check(z.maxLength(64)))
        .check(z.describe('Only the channels that have every one of these products.')),
      proxy: z.optional(proxy),
    }),
    result: z.object({
      channels: z.array(channelEntry),
      source: z
        .enum(['service', 'releaseHistory'])
        .check(z.describe("`releaseHistory` is the CDN's own list, which is taken where the service fails.")),
      sourceReason: z
        .nullable(z.string())
        .check(z.describe('What was wrong with the service; null where nothing was.')),
      freshness: z
        .enum(['current', 'stale', 'empty', 'unknown'])
        .check(
          z.describe('`stale` where the newest release is older than 45 days, `unknown` where no release has a date.'),
        ),
      newestReleaseAt: z.nullable(z.string()),
    }),
    errors: networkErrors,
  }),
  skus: method('content/skus', {
    summary: 'Lists the products that can be deployed from the Office CDN.',
    params: z.strictObject({
      endpoint: z.optional(endpoint),
      channel: z.optional(channel).check(z.describe('Only the products of this channel.')),
      proxy: z.optional(proxy),
    }),
    result: z.object({ skus: z.array(skuEntry) }),
    errors: networkErrors,
  }),
  fileList: method('content/fileList', {
    summary: 'Lists the files of one version of Office, ready for content/stage.',
    params: z.strictObject({ ...listParams, proxy: z.optional(proxy) }),
    result: z.object({
      url: z.string().check(z.describe('The request that was made.')),
      files: z.array(contentFile),
    }),
    errors: networkErrors,
  }),
  servicePath: method('content/servicePath', {
    summary: 'Takes the MoreInfoUrl of an update in WSUS apart into what content/fileList takes.',
    params: z.strictObject({ moreInfoUrl: z.string().check(z.minLength(1), z.maxLength(8192)) }),
    result: z.object({
      endpoint: z.string(),
      channel: z.optional(z.string()),
      version: z.optional(z.string()),
      arch: z.optional(arch),
      languages: z.array(z.string()),
      allLanguages: z.boolean(),
    }),
    errors: ['ContentInvalid'],
  }),
  stage: method('content/stage', {
    summary: 'Builds or completes a local image of the Office CDN and verifies what it downloads.',
    params: z.strictObject({
      ...listParams,
      files: z
        .optional(z.array(z.looseObject({})).check(z.minLength(1), z.maxLength(maxListEntries)))
        .check(z.describe('The files to stage, as content/fileList lists them, instead of asking for a list.')),
      destination: z
        .string()
        .check(z.minLength(1), z.maxLength(4096), z.describe('Absolute path of the folder that holds the image.')),
      baseUrl: z
        .optional(z.string().check(z.minLength(1), z.maxLength(8192)))
        .check(z.describe('Downloads from this mirror of the CDN folder instead of the URLs of the list.')),
      concurrency: z
        ._default(z.int().check(z.minimum(1), z.maximum(32)), 6)
        .check(z.describe('Transfers at once, over files and parts of large files.')),
      retries: z
        ._default(z.int().check(z.minimum(0), z.maximum(20)), 4)
        .check(z.describe('New attempts after a failure without progress.')),
      idleTimeoutMs: z
        ._default(z.int().check(z.minimum(100), z.maximum(600_000)), 30_000)
        .check(
          z.describe('Silence that counts as a broken transfer; so do fewer than 100 bytes a second over that time.'),
        ),
      maxBytesPerSecond: z.optional(z.int().check(z.minimum(1024))),
      proxy: z.optional(proxy),
      force: z
        ._default(z.boolean(), false)
        .check(z.describe('Hashes every file that is there already, instead of trusting it.')),
      dryRun: z._default(z.boolean(), false).check(z.describe('Only says what would be done; writes nothing.')),
    }),
    result: z.object({
      destination: z.string(),
      files: z.int().check(z.minimum(0), z.describe('Files of the image, also those that were there already.')),
      bytes: z.int().check(z.minimum(0)),
      downloadedBytes: z.int().check(z.minimum(0), z.describe('Content bytes that came over the network.')),
      reused: z.int().check(z.minimum(0), z.describe('Files that were there already and right.')),
      verified: z.int().check(z.minimum(0), z.describe('Files whose SHA-256 was computed and right in this run.')),
      seconds: z.number().check(z.minimum(0)),
      manifest: z.nullable(z.string()).check(z.describe('Path of the manifest; null for a dry run.')),
      plan: z.optional(z.array(plannedFile)).check(z.describe('Only for a dry run.')),
    }),
    progress: stageProgress,
    errors: ['ContentInvalid', 'NetworkError', 'AccessDenied', 'InUse', 'NoSpace', 'NotAvailable'],
  }),
  verify: method('content/verify', {
    summary: 'Checks offline that an image is whole, by its manifest and the hashes in its own cabinets.',
    params: z.strictObject({
      path: z.string().check(z.minLength(1), z.maxLength(4096), z.describe('Absolute path of the image.')),
      version: z
        .optional(officeVersion)
        .check(z.describe('The version that must be complete; every one that is there when absent.')),
      arch: z.optional(arch),
      languages: z
        .optional(z.array(language).check(z.maxLength(256)))
        .check(z.describe('Languages that must be complete; those of which anything is there when absent.')),
      proofingLanguages: z
        .optional(z.array(language).check(z.maxLength(256)))
        .check(z.describe('Languages whose proofing tools must be complete.')),
      signatures: z
        ._default(z.boolean(), false)
        .check(
          z.describe(
            'Also checks that every cabinet bears a valid Authenticode signature of Microsoft; needs Windows.',
          ),
        ),
    }),
    result: z.object({
      ok: z.boolean().check(z.describe('Whether nothing is missing, corrupt or unproven; extra files do no harm.')),
      files: z.array(verifiedFile),
      counts: namedObject('FileCounts', {
        ok: z.int(),
        missing: z.int(),
        corrupt: z.int(),
        unproven: z.int(),
        extra: z.int(),
      }),
      bytes: z.int().check(z.minimum(0), z.describe('Bytes that were checked.')),
      manifest: z.boolean().check(z.describe('Whether a manifest was there; else the hashes in the cabinets decided.')),
      judged: z.array(judgedPart).check(z.describe('What had to be complete, and why.')),
    }),
    progress: verifyProgress,
    errors: ['ContentInvalid', 'AccessDenied', 'NotAvailable'],
  }),
  prune: method('content/prune', {
    summary: 'Removes old versions from an image and leaves the rest whole.',
    params: z.strictObject({
      path: z.string().check(z.minLength(1), z.maxLength(4096), z.describe('Absolute path of the image.')),
      keep: z
        .optional(z.int().check(z.minimum(1), z.maximum(1000)))
        .check(
          z.describe('How many of the newest versions that were staged to their end stay; either this or versions.'),
        ),
      versions: z
        .optional(z.array(officeVersion).check(z.minLength(1), z.maxLength(1000)))
        .check(z.describe('The versions to remove; those that are not there are ignored.')),
      dryRun: z._default(z.boolean(), false).check(z.describe('Only says what would be removed; changes nothing.')),
    }),
    result: z.object({
      path: z.string(),
      removed: z
        .array(namedObject('RemovedVersion', { version: z.string(), files: z.int(), bytes: z.int() }))
        .check(z.describe('The oldest first.')),
      kept: z.array(z.string()),
      freedBytes: z.int().check(z.minimum(0)),
    }),
    progress: pruneProgress,
    errors: ['ContentInvalid', 'AccessDenied', 'InUse', 'NoSpace'],
  }),
} as const;
