/** The Authenticode check of Windows. The Windows backend implements it; there is none elsewhere. */
export interface CabinetSignatures {
  /** What keeps a file from being one that Microsoft signed, for people to read; null where it is. */
  fault(file: string): Promise<string | null>;
}

/** What serves Click-to-Run from images. The bits area knows it. */
export interface ContentSources {
  /** The content sources that serve versions from the image at `root` now. */
  served(root: string): Promise<readonly ServedVersions[]>;
}

export interface ServedVersions {
  readonly contentId: string;
  /** When that was last seen. */
  readonly since: string;
  readonly versions: readonly string[];
}

/** Proxies as Windows writes them: `proxy:8080`, or `http=one:80;https=two:8080`, and hosts that are reached without them. */
export interface ProxyConfiguration {
  readonly proxies: string;
  readonly bypass: string;
}

/** The ways to sign in to a proxy with the identity of this process. */
export const signInSchemes = ['Negotiate', 'NTLM'] as const;
export type SignInScheme = (typeof signInSchemes)[number];

/** A sign-in over one connection. */
export interface SignIn {
  /** The token that answers a challenge, or that begins where there is none yet. */
  answer(challenge: Buffer | null): Promise<Buffer>;
  end(): void;
}

/** What Windows knows of the network. The Windows backend implements it; there is none elsewhere. */
export interface SystemNetwork {
  /** What this user, or else this machine, is to use for a URL, scripts and detection included; null for no proxy. */
  proxyFor(url: string): Promise<ProxyConfiguration | null>;
  /** Begins to sign in to the service of a host, as the user of this process. */
  signIn(scheme: SignInScheme, host: string): SignIn;
}
