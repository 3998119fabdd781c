/** The Authenticode check of Windows. The Windows backend implements it; there is none elsewhere. */
export interface CabinetSignatures {
  /** What is wrong with the signature of a file, in Windows' words; null where it is valid. */
  fault(file: string): Promise<string | null>;
}
