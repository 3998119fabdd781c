import { cultureOf, hasInstaller, lcidOf } from './languages.js';

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

/** What the name of a file in a version's folder says of it; null for one that belongs to no part. */
function partOf(name: string): { arch: Arch; language: string; proofing: boolean } | null {
  const [, kind = '', bits, lcid = ''] = numberedCabinet.exec(name) ?? [];
  if (bits) {
    const language = lcid === '0' ? 'x-none' : (cultureOf(lcid) ?? lcid);
    return { arch: bits === '64' ? 'x64' : 'x86', language, proofing: kind.toLowerCase() === 'sp' };
  }
  const [, arch, culture = '', proof] = stream.exec(name) ?? [];
  if (!arch) return null;
  return { arch: arch.toLowerCase() as Arch, language: culture.toLowerCase(), proofing: proof !== undefined };
}

/** The version, architecture and language of every path of an image that names them, each once, the oldest first. */
export function partsIn(paths: Iterable<string>): ImagePart[] {
  const parts = new Map<string, { version: string; arch: Arch; languages: Set<string>; proofing: Set<string> }>();
  for (const path of paths) {
    const [, , version = '', name = ''] = versionFolder.exec(path) ?? [];
    const named = partOf(name);
    if (!named) continue;
    const key = `${version} ${named.arch}`;
    const part = parts.get(key) ?? { version, arch: named.arch, languages: new Set(), proofing: new Set() };
    parts.set(key, part);
    if (named.language !== 'x-none') (named.proofing ? part.proofing : part.languages).add(named.language);
  }
  return [...parts.values()].map(({ version, arch, languages, proofing }) => ({
    version,
    arch,
    languages: [...languages].sort(),
    proofingLanguages: [...proofing].sort(),
  }));
}

/** Whether a path is that of a stream, which nothing but a published hash can prove. */
export function isStream(path: string): boolean {
  return versionFolder.test(path) && /\.dat$/i.test(path);
}

/**
 * The files without which Click-to-Run cannot install or update from an image: the version cabinets, the installer and hash
 * cabinets, and the streams. `dataFolder` is `office/data` as the image spells it.
 */
export function neededFiles({ version, arch, languages, proofingLanguages }: ImagePart, dataFolder: string): string[] {
  const bits = arch === 'x64' ? '64' : '32';
  const ofLanguage = (language: string) => {
    const [lcid, culture] = namesOf(language);
    return [
      ...(lcid !== null && hasInstaller(lcid) ? [`i${bits}${lcid}.cab`] : []),
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
    `i${bits}0.cab`,
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
