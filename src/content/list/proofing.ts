import type { ContentFile } from '../../contract/content.js';

/** The names of proofing files in every version: `sp641036.cab`, `stream.x64.fr-fr.proof.dat` and its catalog. */
const proofingName = /^(?:sp(?:64|32)\d+\.cab|stream\..+\.proof\.dat)/i;

/**
 * The proofing tools in the list of one language: what is for them alone, or, for a language that Office has nothing but
 * proofing tools of and lists without such files, all of it.
 */
export function proofingFiles(files: readonly ContentFile[]): ContentFile[] {
  const ofLanguage = files.filter(({ lcid }) => lcid !== null && lcid !== '0');
  const alone = ofLanguage.filter(
    ({ name, languageType }) => languageType === 'proofingonly' || proofingName.test(name),
  );
  return alone.length > 0 ? alone : ofLanguage.filter(({ languageType }) => languageType === 'proofing');
}

/** The version whose files a list has; null where it has none in the folder of one. */
export function versionOfList(files: readonly ContentFile[]): string | null {
  const folders = files.map(({ path }) => /^office\/data\/(16\.0\.\d+\.\d+)\//i.exec(path)?.[1]);
  return folders.find((version) => version !== undefined) ?? null;
}
