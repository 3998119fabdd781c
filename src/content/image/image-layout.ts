import { compareVersions } from '../../base/version.js';
import { cultureOf, hasInstaller, lcidOf } from './languages.js';
import { versionOfCabinet } from './version-cabinets.js';

export type Arch = 'x64' | 'x86';

/** One version of Office in one architecture, with the languages that belong to it. */
export interface ImagePart {
  readonly version: string;
  readonly arch: Arch;
  /** Cultures in lower case; an LCID where the culture of a cabinet is not known. */
  readonly languages: string[];
  /** Languages whose proofing tools alone are there. */
  readonly proofingLanguages: string[];
}

const versionFolder = /^(office\/data)\/(16\.0\.\d+\.\d+)\/([^/]+)$/i;
const numberedCabinet = /^(i|s|sp)(64|32)(\d+)\.cab$/i;
const stream = /^stream\.(x64|x86)\.([a-z0-9-]+)(\.proof)?\.dat$/i;

interface NamedFile {
  readonly arch: Arch;
  readonly language: string;
  readonly kind: 'installer' | 'language' | 'proofing';
}

/** What the name of a file in a version's folder says of it; null for one that belongs to no part. */
function namedFile(name: string): NamedFile | null {
  const [, prefix = '', bits, lcid = ''] = numberedCabinet.exec(name) ?? [];
  if (bits) {
    const language = lcid === '0' ? 'x-none' : (cultureOf(lcid) ?? lcid);
    const kind = kinds[prefix.toLowerCase()] ?? 'language';
    return { arch: bits === '64' ? 'x64' : 'x86', language, kind };
  }
  const [, arch, culture = '', proof] = stream.exec(name) ?? [];
  if (!arch) return null;
  const kind = proof === undefined ? 'language' : 'proofing';
  return { arch: arch.toLowerCase() as Arch, language: culture.toLowerCase(), kind };
}

const kinds: Readonly<Record<string, NamedFile['kind']>> = { i: 'installer', sp: 'proofing' };

/**
 * The version, architecture and languages that the paths of an image name, each once. The installers alone make no part:
 * an image of x86 has those of x64, too, for Windows of 64 bits.
 */
export function partsIn(paths: Iterable<string>): ImagePart[] {
  const files = [...paths].flatMap((path) => {
    const [, , version = '', name = ''] = versionFolder.exec(path) ?? [];
    const named = namedFile(name);
    return named ? [{ version, ...named }] : [];
  });
  const present = new Map(files.filter(({ kind }) => kind !== 'installer').map((file) => [partKey(file), file]));
  return [...present.values()].map(({ version, arch }) => {
    const own = files.filter((file) => partKey(file) === partKey({ version, arch }) && file.language !== 'x-none');
    const languagesOf = (isOf: (file: NamedFile) => boolean) =>
      [...new Set(own.filter(isOf).map(({ language }) => language))].sort();
    return {
      version,
      arch,
      languages: languagesOf(({ kind }) => kind !== 'proofing'),
      proofingLanguages: languagesOf(({ kind }) => kind === 'proofing'),
    };
  });
}

const partKey = ({ version, arch }: { readonly version: string; readonly arch: Arch }) => `${version} ${arch}`;

/** The version that a path of an image belongs to, by its folder or the name of its version cabinet; null for others. */
export function versionOfPath(path: string): string | null {
  return versionInFolder.exec(path)?.[1] ?? versionOfCabinet(path);
}

/** The versions that paths of an image belong to, the oldest first. */
export function versionsIn(paths: Iterable<string>): string[] {
  const versions = [...paths].map(versionOfPath).filter((version) => version !== null);
  return [...new Set(versions)].sort(compareVersions);
}

const versionInFolder = /^office\/data\/(16\.0\.\d+\.\d+)\//i;

/** Whether a path is that of a stream, which nothing but a published hash can prove. */
export function isStream(path: string): boolean {
  return versionFolder.test(path) && /\.dat$/i.test(path);
}

/**
 * The files without which Click-to-Run cannot install or update from an image: the version cabinets, the installer and hash
 * cabinets, and the streams. `dataFolder` is `office/data` as the image spells it.
 */
export function neededFiles(part: ImagePart, dataFolder: string): string[] {
  const { version, arch, languages, proofingLanguages } = part;
  const bits = arch === 'x64' ? '64' : '32';
  const installers = arch === 'x64' ? ['i64'] : ['i32', 'i64'];
  const ofLanguage = (language: string) => {
    const [lcid, culture] = namesOf(language);
    return [
      ...(lcid !== null && hasInstaller(lcid, version) ? installers.map((stem) => `${stem}${lcid}.cab`) : []),
      ...(lcid === null ? [] : [`s${bits}${lcid}.cab`]),
      ...(culture === null ? [] : [`stream.${arch}.${culture}.dat`]),
    ];
  };
  const ofProofing = (language: string) => {
    const [lcid, culture] = namesOf(language);
    return [
      ...(lcid === null ? [] : [`sp${bits}${lcid}.cab`]),
      ...(culture === null ? [] : [`stream.${arch}.${culture}.proof.dat`]),
    ];
  };
  const names = [
    ...installers.map((stem) => `${stem}0.cab`),
    `s${bits}0.cab`,
    `stream.${arch}.x-none.dat`,
    ...languages.flatMap(ofLanguage),
    ...proofingLanguages.flatMap(ofProofing),
  ];
  return [
    `${dataFolder}/v${bits}.cab`,
    `${dataFolder}/v${bits}_${version}.cab`,
    ...names.map((name) => `${dataFolder}/${version}/${name}`),
  ];
}

/** The LCID and the culture of a language that is given as either. */
function namesOf(language: string): readonly [lcid: string | null, culture: string | null] {
  return /^\d+$/.test(language) ? [language, cultureOf(language)] : [lcidOf(language), language.toLowerCase()];
}

/** `office/data` in the letters that an image has it in. */
export function dataFolderIn(paths: Iterable<string>): string {
  for (const path of paths) {
    const [found] = /^office\/data(?=\/)/i.exec(path) ?? [];
    if (found) return found;
  }
  return 'office/data';
}
