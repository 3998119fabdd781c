/** What became of a script. */
export interface ScriptRun {
  /** What the script gave, through JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrives
  readonly output: any;
  /** What a user sees. */
  readonly text: string;
}

/** A value as a PowerShell literal. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/**
 * A script around a script, which runs under StrictMode with errors that stop it, as careful users do, and whose output is
 * written as JSON; `Describe $_` in it turns an error record into plain data.
 */
export function asJson(script: string, module: string | null): string {
  return `Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
function Describe($record) {
  @{
    id = $record.FullyQualifiedErrorId; category = "$($record.CategoryInfo.Category)"; message = "$record"; target = "$($record.TargetObject)"
    action = $(if ($record.ErrorDetails) { $record.ErrorDetails.RecommendedAction }); type = $record.Exception.GetType().FullName; hresult = $record.Exception.HResult
    data = @{} + $record.Exception.Data
  }
}
function Catch-Error([scriptblock] $Body) { try { & $Body } catch { Describe $_ } }
${module === null ? '' : `Import-Module ${literal(module)}`}
$output = & {
${script}
}
ConvertTo-Json -InputObject $output -Depth 12`;
}
