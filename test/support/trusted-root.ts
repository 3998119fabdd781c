import { createHash } from 'node:crypto';

/**
 * The key and value that make a certificate a trusted root of the machine: the value is one serialized property,
 * CERT_CERT_PROP_ID (32), of encoding 1 with its length. It is a policy's, because Wine 10 renews the machine's own store.
 */
export function trustedRoot(der: Buffer) {
  const thumbprint = createHash('sha1').update(der).digest('hex').toUpperCase();
  const property = Buffer.alloc(12);
  for (const [index, value] of [32, 1, der.length].entries()) property.writeUInt32LE(value, index * 4);
  return {
    key: `HKLM\\Software\\Policies\\Microsoft\\SystemCertificates\\Root\\Certificates\\${thumbprint}`,
    blob: Buffer.concat([property, der]).toString('hex'),
  };
}
