/** The Authenticode check of Windows. The Windows backend implements it; there is none elsewhere. */
export interface CabinetSignatures {
  /** What keeps a file from being one that Microsoft signed, for people to read; null where it is. */
  fault(file: string): Promise<string | null>;
}
