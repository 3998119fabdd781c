import * as z from 'zod/mini';

/**
 * The update channels by the name that the Office Deployment Tool takes, with the folder that each has on the CDN.
 * https://learn.microsoft.com/microsoft-365-apps/deploy/office-deployment-tool-configuration-options
 */
export const channelFolders = {
  Current: '492350f6-3a01-4f97-b9c0-c7c6ddf67d60',
  CurrentPreview: '64256afe-f5d9-4f86-8936-8840a6a4f5be',
  MonthlyEnterprise: '55336b82-a18d-4dd6-b5f6-9e5095c314a6',
  SemiAnnual: '7ffbc6bf-bc32-4f92-8982-f9dd17fd3114',
  SemiAnnualPreview: 'b8f9b850-328d-4355-9145-c59439a0c4cf',
  BetaChannel: '5440fd1f-7ecb-4221-8110-145efaa6372f',
  PerpetualVL2019: 'f2e724c1-748f-4b47-8fb8-8e0d210e9208',
  PerpetualVL2021: '5030841d-c919-4594-8d2d-84ae4f96e58e',
  PerpetualVL2024: '7983bac0-e531-40cf-be00-fd24fe66619c',
} as const;

export type ChannelName = keyof typeof channelFolders;

export const channelNames = Object.keys(channelFolders) as ChannelName[];

/** A channel by its present name. */
export const channelName = z.enum(channelNames as [ChannelName, ...ChannelName[]]);

/**
 * The channels that Microsoft 365 Apps can be switched between, with the word that the policy UpdateBranch has for each: the
 * administrative template writes older names than the deployment tool.
 * https://learn.microsoft.com/microsoft-365-apps/updates/change-update-channels
 */
const subscriptionBranches = {
  Current: 'Current',
  CurrentPreview: 'FirstReleaseCurrent',
  MonthlyEnterprise: 'MonthlyEnterprise',
  SemiAnnual: 'Deferred',
  SemiAnnualPreview: 'FirstReleaseDeferred',
  BetaChannel: 'InsiderFast',
} as const satisfies Partial<Record<ChannelName, string>>;

type SwitchableChannel = keyof typeof subscriptionBranches;

/** A channel that Microsoft 365 Apps can be switched to. */
export const switchableChannel = z.enum(
  Object.keys(subscriptionBranches) as [SwitchableChannel, ...SwitchableChannel[]],
);

/** The word of the policy UpdateBranch for each channel: the perpetual ones, for volume licences, are called as they are. */
export const channelBranches: Readonly<Record<ChannelName, string>> = {
  ...subscriptionBranches,
  PerpetualVL2019: 'PerpetualVL2019',
  PerpetualVL2021: 'PerpetualVL2021',
  PerpetualVL2024: 'PerpetualVL2024',
};

/** Names that Office accepted earlier and that policies and old metadata still carry, in lower case. */
const legacyNames: ReadonlyMap<string, ChannelName> = new Map([
  ['monthly', 'Current'],
  ['targeted', 'SemiAnnualPreview'],
  ['firstreleasedeferred', 'SemiAnnualPreview'],
  ['broad', 'SemiAnnual'],
  ['deferred', 'SemiAnnual'],
  ['insiders', 'CurrentPreview'],
  ['firstreleasecurrent', 'CurrentPreview'],
  ['insiderslow', 'CurrentPreview'],
  ['insiderfast', 'BetaChannel'],
  ['business', 'SemiAnnual'],
  ['firstreleasebusiness', 'SemiAnnualPreview'],
  ['perpetual2019', 'PerpetualVL2019'],
  ['perpetual2021', 'PerpetualVL2021'],
  ['perpetual2024', 'PerpetualVL2024'],
]);

/** The present name of a channel that is called by any of its names, in any case; null for another word. */
export function channelByName(name: string): ChannelName | null {
  const wanted = name.trim().toLowerCase();
  return channelNames.find((known) => known.toLowerCase() === wanted) ?? legacyNames.get(wanted) ?? null;
}

/**
 * The folder of a channel in a URL of the CDN, whatever its scheme, case or trailing slash, in lower case; null for any other
 * URL. Most devices have `pr`, some `sg` or `db` before it.
 */
export function channelFolderOf(url: string): string | null {
  const pattern = /^https?:\/\/[^/]+\/(?:pr|sg|db)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/i;
  return pattern.exec(url.trim())?.[1]?.toLowerCase() ?? null;
}

/** The channel whose CDN folder a URL points into; null for any other. */
export function channelByUrl(url: string): ChannelName | null {
  const folder = channelFolderOf(url);
  return channelNames.find((known) => channelFolders[known] === folder) ?? null;
}

/** The CDN address of a channel, as Office writes it into the registry. */
export function channelUrl(channel: ChannelName): string {
  return `http://officecdn.microsoft.com/pr/${channelFolders[channel]}`;
}
