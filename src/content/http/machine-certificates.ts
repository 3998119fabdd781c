import tls from 'node:tls';

/** What https://nodejs.org/api/tls.html has since Node 22.19; an older Node knows its own list only. */
interface CertificateStore {
  getCACertificates?(type: 'default' | 'system'): string[];
  setDefaultCACertificates?(certificates: readonly string[]): void;
}

let done = false;

/**
 * Trusts, besides Node's own list, the certificate authorities that this machine trusts: where a firewall inspects TLS, no
 * other way leads through it. To be called before TLS is spoken, and not earlier: reading them takes milliseconds.
 */
export function trustMachineCertificates(): void {
  if (done) return;
  done = true;
  const { getCACertificates, setDefaultCACertificates } = tls as typeof tls & CertificateStore;
  if (!getCACertificates || !setDefaultCACertificates) return;
  setDefaultCACertificates([...getCACertificates('default'), ...getCACertificates('system')]);
}
