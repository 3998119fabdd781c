/** The Authenticode check of Windows. The Windows backend implements it; there is none elsewhere. */
export interface CabinetSignatures {
  /** What keeps a file from being one that Microsoft signed, for people to read; null where it is. */
  fault(file: string): Promise<string | null>;
}

/** What serves Click-to-Run from images. The bits area knows it. */
export interface ContentSources {
  /** The content sources that serve versions from the image at `root` now. */
  served(root: string): Promise<readonly ServedVersions[]>;
}

export interface ServedVersions {
  readonly contentId: string;
  /** When that was last seen. */
  readonly since: string;
  readonly versions: readonly string[];
}
