import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { contentInvalid } from '../../base/content-invalid.js';
import type { ChannelEntry } from '../../contract/content.js';
import { membersOf } from '../image/cabinet.js';
import { bytesInMemory, CabinetFault } from '../image/cabinet-directory.js';
import { channelEntry, release } from './channel-entries.js';
import { text } from './json.js';

/** The ReleaseHistory.xml in the CDN's releasehistory.cab. Throws ContentInvalid where there is none that can be read. */
export async function releaseHistoryXml(cabinet: Buffer, url: string): Promise<string> {
  try {
    const wanted = (name: string) => /^ReleaseHistory\.xml$/i.test(name);
    const [xml] = (await membersOf(bytesInMemory(cabinet), cabinet.length, wanted)).values();
    if (!xml) throw new CabinetFault('does not hold ReleaseHistory.xml');
    return xml.toString('utf8').replace(/^\ufeff/, '');
  } catch (error) {
    if (!(error instanceof CabinetFault)) throw error;
    throw contentInvalid(`The release history of the CDN ${error.message}.`, { url });
  }
}

/** The channels of a ReleaseHistory.xml: `UpdateChannel` elements with an `Update` for each release. */
export function parseReleaseHistory(xml: string, url: string): ChannelEntry[] {
  const root = rootOf(xml, url);
  return elements(root, 'UpdateChannel').flatMap((channel): ChannelEntry[] => {
    const { attributes } = channel;
    const [name, branch] = [text(attributes, 'ID', 'Name'), text(attributes, 'Name')];
    if (name === null) return [];
    const updates = elements(channel, 'Update').map((update) => update.attributes);
    const releases = updates.flatMap((update) => {
      const version = text(update, 'LegacyVersion');
      return version === null ? [] : [release(update, version, text(update, 'Build'))];
    });
    const latest = updates.find((update) => /^true$/i.test(text(update, 'Latest') ?? ''));
    return [
      channelEntry({
        name,
        alternateNames: branch === null || branch === name ? [] : [branch],
        displayName: text(attributes, 'DisplayName'),
        baseUrl: null,
        latest: latest ? text(latest, 'LegacyVersion') : null,
        releases,
        raw: { ...attributes, updates },
      }),
    ];
  });
}

function rootOf(xml: string, url: string): XmlElement {
  try {
    const { root } = parseXml(xml);
    if (root) return root;
  } catch {
    // Said below, without the text of a parser.
  }
  throw contentInvalid('The release history of the CDN is not XML.', { url });
}

function elements({ children }: XmlElement, name: string): XmlElement[] {
  return children.filter((child): child is XmlElement => child instanceof XmlElement && child.name === name);
}
