import { contentInvalid } from '../../base/content-invalid.js';
import { compareVersions } from '../../base/version.js';
import { channelByName, channelFolderOf, channelFolders } from '../../contract/channels.js';
import type { ChannelEntry } from '../../contract/content.js';
import { collection, entryObject, field, isObject, type Json, text } from './json.js';

type Release = ChannelEntry['releases'][number];

/**
 * The channels as the release history service sends them: an array whose entries have `updates`, or the forms of earlier
 * years. Throws ContentInvalid for what is not a list of channels; what an entry lacks is null.
 */
export function parseChannels(body: unknown, url: string): ChannelEntry[] {
  return collection(body, 'channels', url).map((entry) => {
    const object = entryObject(entry, url);
    const name = text(object, 'name', 'channelId', 'channel');
    if (name === null) throw contentInvalid('A channel has no name.', { file: entry, url });
    const listed = field(object, 'updates') ?? field(object, 'officeVersions') ?? field(object, 'releases');
    const releases = Array.isArray(listed) ? listed.flatMap(releaseOf) : [];
    const alternate = field(object, 'alternateNames');
    return channelEntry({
      name,
      alternateNames: Array.isArray(alternate) ? alternate.filter((other) => typeof other === 'string') : [],
      displayName: text(object, 'displayName', 'channel'),
      baseUrl: text(object, 'baseUrl', 'cdnBaseUrl'),
      latest: text(object, 'latestVersion', 'latestUpdateVersion'),
      releases,
      raw: { ...object },
    });
  });
}

/** A channel from whatever names it. */
export function channelEntry(channel: {
  readonly name: string;
  readonly alternateNames: string[];
  readonly displayName: string | null;
  readonly baseUrl: string | null;
  readonly latest: string | null;
  readonly releases: Release[];
  readonly raw: Record<string, unknown>;
}): ChannelEntry {
  const { name, alternateNames, displayName, baseUrl, latest, releases, raw } = channel;
  const known = [name, ...alternateNames].map(channelByName).find((found) => found !== null);
  // Some answers name the newest version by its number alone, or by its build.
  const named = releases.find(({ version, release, build }) => [version, release, build].includes(latest));
  const newest = releases
    .map(({ version }) => version)
    .sort(compareVersions)
    .at(-1);
  return {
    name,
    alternateNames,
    displayName,
    cdnGuid: known ? channelFolders[known] : channelFolderOf(baseUrl ?? ''),
    latestVersion: named?.version ?? latest ?? newest ?? null,
    releases,
    raw,
  };
}

const fullVersion = /^\d+\.\d+\.\d+\.\d+$/;

function releaseOf(item: unknown): Release[] {
  if (!isObject(item)) return [];
  const named = text(item, 'legacyVersion', 'releaseVersion', 'version');
  const build = text(item, 'build');
  const version = named !== null && !fullVersion.test(named) && build !== null ? `16.0.${build}` : named;
  if (version === null) return [];
  return [release(item, version, build)];
}

/** One release; dates and numbers that are missing or not understood are null. */
export function release(item: Json, version: string, build: string | null): Release {
  const number = text(item, 'version', 'releaseName');
  return {
    version,
    release: number === version ? null : number,
    build: build ?? /^16\.0\.(\d+\.\d+)$/.exec(version)?.[1] ?? null,
    availableAt: timeOf(text(item, 'pubTime', 'availabilityDate')),
    endOfSupportAt: timeOf(text(item, 'endOfSupportDate')),
  };
}

/** `8/18/2026 9:05:15 PM`, in UTC and the order of the United States, whatever the culture of anybody. */
const americanTime = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d\d)(?::(\d\d))?(?: ([AP])M)?)?$/i;

/** A time of the services as ISO 8601; null where it is none, or the first day of the year 1, which stands for none. */
export function timeOf(value: string | null): string | null {
  if (value === null) return null;
  const [matched, month, day, year, hour = '0', minute = '00', second = '00', half] =
    americanTime.exec(value.trim()) ?? [];
  const iso =
    matched === undefined
      ? value.trim()
      : isoOf(String(year), String(month), String(day), hours(hour, half), minute, second);
  return /^\d{4}-\d\d-\d\d(?:T|$)/.test(iso) && !iso.startsWith('0001') && !Number.isNaN(Date.parse(iso)) ? iso : null;
}

function hours(hour: string, half: string | undefined): string {
  if (half === undefined) return hour;
  return String((Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0));
}

function isoOf(year: string, ...[month, day, hour, minute, second]: [string, string, string, string, string]): string {
  const [mm, dd, hh] = [month, day, hour].map((part) => part.padStart(2, '0'));
  return `${year}-${mm}-${dd}T${hh}:${minute}:${second}Z`;
}
