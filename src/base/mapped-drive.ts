/** A drive letter that stands for a share, for the user alone who mapped it. */
export interface MappedDrive {
  /** For example `X:`. */
  readonly drive: string;
  /** What the path is for everybody, `\\server\share\…`; null where Windows does not tell. */
  readonly uncPath: string | null;
}

/** Why a path on one cannot be read by Windows' services, and what to give instead. */
export function mappedDriveFault({ drive, uncPath }: MappedDrive): string {
  const advice = uncPath ?? 'for example \\\\server\\share\\office';
  return `is on the mapped drive ${drive}, which SYSTEM does not have; give the UNC path: ${advice}`;
}
