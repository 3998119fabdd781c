import type { Check } from '../contract/bridge.js';

/** What the doctor found out about one thing. */
export type Finding = Pick<Check, 'ok' | 'detail' | 'recommendation'>;

export const good = (detail: string, recommendation: string | null = null): Finding => ({
  ok: true,
  detail,
  recommendation,
});
export const bad = (detail: string, recommendation: string): Finding => ({ ok: false, detail, recommendation });
export const notApplicable = (detail: string): Finding => ({ ok: null, detail, recommendation: null });
