import type { UpdateSettings } from '../contract/defender.js';
import type { Setting, SourceFacts } from './port.js';

/**
 * The names of sources in FallbackOrder.
 * https://learn.microsoft.com/defender-endpoint/manage-protection-updates-microsoft-defender-antivirus
 */
const sourceNames: Readonly<Record<string, string>> = {
  internaldefinitionupdateserver: 'managed',
  microsoftupdateserver: 'unmanaged',
  mmpc: 'http',
  fileshares: 'unc',
};

/** What Defender does where no order is set. */
const defaultOrder = 'MicrosoftUpdateServer|MMPC';

/** The settings as people read them, with what contradicts itself. */
export function decodeSources(facts: SourceFacts): Omit<UpdateSettings, 'lastDelivered'> {
  const { fallbackOrder, fileShares, sharedSignatures, automaticUpdates } = facts;
  const order = listOf(effective(fallbackOrder) ?? defaultOrder).map((name) => sourceNames[name.toLowerCase()] ?? name);
  const settings = {
    order,
    orderSetBy: setBy(fallbackOrder),
    fileShares: listOf(effective(fileShares) ?? ''),
    sharedSignatures: effective(sharedSignatures),
    wsusServer: facts.useWsusServer ? facts.wsusServer : null,
    automaticUpdates,
  };
  return { ...settings, problems: problemsOf(settings) };
}

/** An empty value is one that was not set. */
const given = (value: string | null) => (value?.trim() ? value.trim() : null);

const effective = ({ policy, preference }: Setting) => given(policy) ?? given(preference);

function setBy({ policy, preference }: Setting): UpdateSettings['orderSetBy'] {
  if (given(policy)) return 'policy';
  return given(preference) ? 'preference' : 'default';
}

/** Parts with bars between them; Microsoft's examples put braces around the whole. */
function listOf(text: string): string[] {
  return text
    .replace(/^\s*\{|\}\s*$/g, '')
    .split('|')
    .map((part) => part.trim())
    .filter(Boolean);
}

function problemsOf({
  order,
  fileShares,
  sharedSignatures,
  wsusServer,
  automaticUpdates,
}: Omit<UpdateSettings, 'lastDelivered' | 'problems' | 'orderSetBy'>): string[] {
  const usesWindowsUpdate = order.includes('managed') || order.includes('unmanaged');
  const known = Object.values(sourceNames);
  const problems: readonly (string | false)[] = [
    sharedSignatures !== null &&
      `Signatures come from ${sharedSignatures} alone: with a shared folder no source is tried.`,
    order.includes('managed') && wsusServer === null && 'The order has WSUS, but Windows Update uses no WSUS server.',
    order.includes('unc') && fileShares.length === 0 && 'The order has file shares, but none are set.',
    usesWindowsUpdate &&
      automaticUpdates.startType === 'disabled' &&
      'The order has Windows Update, but its service wuauserv is disabled.',
    ...order
      .filter((source) => !known.includes(source))
      .map((name) => `${name} is not a source; updates without a source fail with 0x8007064A.`),
  ];
  return problems.filter((problem) => problem !== false);
}
