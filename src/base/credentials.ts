/** Values of a query that grant access, by how their names end: `sig` of Azure's SAS tokens, `X-Amz-Signature`, `code`. */
const secretParameters = /([?&][^=&#]*(?:sig|signature|token|key|secret|password|pwd|credential|auth|code)=)[^&#]+/gi;

/**
 * Removes the credentials that a URL may carry, for logs, errors and the manifest: a user with a password, and the values of
 * a query that grant access.
 */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replaceAll(secretParameters, '$1***');
}
