export interface Keys {
  readonly encryptionKey: Buffer;
  readonly macKey: Buffer;
  readonly initializationVector: Buffer;
}
export function randomKeys(): Keys;
export function intunewin(
  files: Readonly<Record<string, Buffer>>,
  app: { readonly name: string; readonly setupFile: string },
  keys?: Keys,
): Buffer;
