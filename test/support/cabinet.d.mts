export function cabinet(
  members: Readonly<Record<string, Uint8Array>>,
  compression?: 'stored' | 'mszip' | 'lzx',
  encode?: (content: Buffer, first: boolean) => Buffer,
): Buffer;
export interface CabinetFolder {
  readonly members: Readonly<Record<string, Uint8Array>>;
  readonly compression?: 'stored' | 'mszip' | 'lzx';
  readonly encode?: (content: Buffer, first: boolean) => Buffer;
  readonly type?: number;
}
export function cabinetOf(
  folders: readonly CabinetFolder[],
  options?: {
    readonly reserve?: readonly [number, number, number];
    readonly flags?: number;
    readonly blockBytes?: number;
  },
): Buffer;
