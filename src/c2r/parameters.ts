import { absoluteFault, windowsRoot } from '../base/absolute-path.js';
import { invalidParams } from '../base/failure.js';
import { mappedDriveFault } from '../base/mapped-drive.js';
import { contentPairIssues } from '../contract/c2r.js';
import { bracedClsid } from '../contract/types.js';
import type { Office } from './port.js';

/** What IUpdateNotify::Download understands. */
export interface DownloadOptions {
  readonly displayLevel?: boolean | undefined;
  readonly updateBaseUrl?: string | undefined;
  readonly updateToVersion?: string | undefined;
  readonly downloadSource?: string | undefined;
  readonly contentId?: string | undefined;
}

/** What IUpdateNotify::Apply understands. */
export interface ApplyOptions {
  readonly displayLevel?: boolean | undefined;
  readonly forceAppShutdown?: boolean | undefined;
}

/**
 * Office's parameter strings: `key=value` pairs with one space between, only what was given, in the order of
 * https://learn.microsoft.com/office/client-developer/shared/manageability-applications-with-the-office-365-click-to-run-installer
 * Nothing given is an empty string. The values have passed the contract, which refuses what would need quotes.
 */
export function downloadParameters(options: DownloadOptions): string {
  const { displayLevel, updateBaseUrl, updateToVersion, downloadSource, contentId } = options;
  return parameterString([
    ['displaylevel', displayLevel],
    ['updatebaseurl', updateBaseUrl],
    ['updatetoversion', updateToVersion],
    ['downloadsource', downloadSource === undefined ? undefined : bracedClsid(downloadSource)],
    ['contentid', contentId],
  ]);
}

/** The same for Apply. */
export function applyParameters({ displayLevel, forceAppShutdown }: ApplyOptions): string {
  return parameterString([
    ['displaylevel', displayLevel],
    ['forceappshutdown', forceAppShutdown],
  ]);
}

/**
 * Throws InvalidParams where only one half of `downloadSource` and `contentId` is given, or a folder to download from that is
 * another one, or none, for Click-to-Run, which runs as SYSTEM.
 */
export function refuseBadDownload(options: DownloadOptions, { mappedDrive }: Pick<Office, 'mappedDrive'>): void {
  const { updateBaseUrl } = options;
  const fault = updateBaseUrl === undefined ? null : sourceFault(updateBaseUrl, mappedDrive);
  const issues = [
    ...contentPairIssues(options),
    ...(fault === null ? [] : [{ path: 'updateBaseUrl', message: fault }]),
  ];
  if (issues.length > 0) throw invalidParams(issues);
}

function sourceFault(source: string, mappedDrive: Office['mappedDrive']): string | null {
  if (/^https?:\/\//i.test(source)) return null;
  // Those of Windows on every platform: scripts are tested on others.
  if (!windowsRoot.test(source) && absoluteFault(source) !== null) {
    return 'must be an http or https URL, a share (\\\\server\\share) or an absolute path: Click-to-Run has another current folder';
  }
  const mapped = mappedDrive?.(source) ?? null;
  return mapped && mappedDriveFault(mapped);
}

function parameterString(pairs: readonly (readonly [key: string, value: string | boolean | undefined])[]): string {
  return pairs
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

/** A parameter string as Office reads it: names in lower case with their values. */
export function parseParameters(parameters: string): ReadonlyMap<string, string> {
  return new Map(
    parameters
      .split(' ')
      .filter(Boolean)
      .map((pair) => {
        const [name = '', ...value] = pair.split('=');
        return [name.toLowerCase(), value.join('=')];
      }),
  );
}
