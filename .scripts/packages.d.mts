export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

export declare const root: string;
export declare const cache: string;
export declare function lockedPackage(name: string): LockedPackage;
export declare function unpackedPackage(locked: LockedPackage): string;
