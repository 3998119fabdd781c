import { hresultHex } from '../../base/hresult.js';
import { HResultError } from '../../base/hresult-error.js';
import { type SignIn, type SignInScheme, signInSchemes } from '../port.js';
import { HttpFault } from './faults.js';
import { hostOf, type ProxyServer } from './proxy.js';

/** What a proxy asks for with 407: ways to sign in, each perhaps with a token. */
export function challengesOf(authenticate: string): ReadonlyMap<string, string> {
  // What is quoted may look like anything.
  const unquoted = authenticate.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const found = [...unquoted.matchAll(/(?:^|,)\s*([A-Za-z][\w-]*)(?:\s+([A-Za-z0-9+/]+=*)(?=\s*(?:,|$)))?(?=\s|,|$)/g)];
  return new Map(found.map(([, scheme = '', token = '']) => [scheme.toLowerCase(), token]));
}

/** A sign-in to a proxy with the identity of this process, over one connection. */
export class ProxySignIn {
  #scheme: SignInScheme | null = null;
  #signIn: SignIn | null = null;

  constructor(readonly proxy: ProxyServer) {}

  /**
   * The value of Proxy-Authorization that answers a 407, and null where the proxy has refused or asks for something that
   * nobody can give. Throws HttpFault where only Windows could answer.
   */
  async answerTo(authenticate: string | undefined, url: string): Promise<string | null> {
    const { proxy } = this;
    const challenges = challengesOf(authenticate ?? '');
    // Credentials of the caller were sent with the request already.
    if (proxy.authorization !== null) return null;
    if (this.#scheme && this.#signIn) {
      const token = challenges.get(this.#scheme.toLowerCase());
      return token ? this.#answer(Buffer.from(token, 'base64')) : null;
    }
    const offered = signInSchemes.filter((scheme) => challenges.has(scheme.toLowerCase()));
    if (offered.length === 0) return null;
    if (!proxy.signIn) throw needsWindows(url, offered);
    return this.#begin(offered);
  }

  end(): void {
    this.#signIn?.end();
    this.#signIn = null;
  }

  /** Begins in the first way that this process has an identity for. */
  async #begin([scheme, ...others]: readonly SignInScheme[]): Promise<string | null> {
    if (scheme === undefined) return null;
    this.#scheme = scheme;
    this.#signIn = this.proxy.signIn?.(scheme, hostOf(this.proxy.url)) ?? null;
    try {
      return await this.#answer(null);
    } catch (error) {
      if (others.length === 0) throw error;
      this.end();
      return this.#begin(others);
    }
  }

  async #answer(challenge: Buffer | null): Promise<string | null> {
    const token = await this.#signIn?.answer(challenge).catch((error: unknown) => {
      if (!(error instanceof HResultError)) throw error;
      const message = `The sign-in to the proxy failed: ${error.source} gave ${hresultHex(error.hresult)}, ${error.message}`;
      throw new HttpFault(message, { url: this.proxy.url.href, status: 407, retryable: false });
    });
    return token && token.length > 0 ? `${this.#scheme} ${token.toString('base64')}` : null;
  }
}

function needsWindows(url: string, offered: readonly SignInScheme[]): HttpFault {
  const ways = offered.join(' or ');
  return new HttpFault(`The proxy asks for ${ways}, which only Windows can answer.`, {
    url,
    status: 407,
    retryable: false,
  });
}
