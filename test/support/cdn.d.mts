import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

export interface Content {
  readonly size: number;
  read(start: number, end: number): Iterable<Buffer>;
}
export function generated(size: number, seed: number): Content;
export function zeros(size: number): Content;
export function literal(bytes: Buffer): Content;
export function sha256Of(content: Content): string;
export function hashMember(digest: string, version: string): Buffer;
export function catalog(length?: number): Buffer;
export function versionCabinet(version: string, compression?: 'stored' | 'mszip' | 'lzx'): Buffer;

export interface Image {
  readonly version: string;
  readonly files: Map<string, Content>;
  readonly list: Record<string, string>[];
}
export function image(options?: {
  readonly version?: string;
  readonly arch?: 'x64' | 'x86';
  readonly dats?: Readonly<Record<string, Content>>;
  readonly proofing?: Readonly<Record<string, Content>>;
  readonly arm64x?: Content;
  readonly compression?: 'stored' | 'mszip' | 'lzx';
}): Image;

export interface ServeOptions {
  readonly body?: unknown;
  readonly etag?: string;
  readonly stopAt?: number;
  readonly ranges?: boolean;
  readonly validator?: boolean;
  readonly type?: string;
}
export type Behaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  serve: (options?: ServeOptions) => Promise<void>,
) => unknown;

export interface Cdn {
  readonly url: string;
  readonly endpoint: string;
  readonly releaseHistory: string;
  readonly files: Map<string, Content>;
  readonly requests: { method: string; path: string; query: URLSearchParams; headers: IncomingHttpHeaders }[];
  readonly sentBytes: number;
  readonly etags: Map<string, string>;
  list: Record<string, unknown>[];
  choosesLanguages: boolean;
  misbehave(pattern: RegExp, behave: Behaviour, times?: number): void;
  close(): Promise<unknown>;
}
export function startCdn(
  images: Image | readonly Image[],
  options?: { readonly tls?: { readonly key: string; readonly cert: string } },
): Promise<Cdn>;
