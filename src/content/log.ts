/** What the content feature tells whoever looks after the bridge; never holds credentials. */
export type Log = (
  level: 'warn' | 'info' | 'debug',
  message: string,
  details: Readonly<Record<string, unknown>>,
) => void;
