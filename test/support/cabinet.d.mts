export function cabinet(
  members: Readonly<Record<string, Uint8Array>>,
  compression?: 'stored' | 'mszip' | 'lzx',
  encode?: (content: Buffer, first: boolean) => Buffer,
): Buffer;
