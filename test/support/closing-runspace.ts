import { deadline } from './deadline.js';

/**
 * A script that closes a runspace whose script calls a cmdlet once more in its `finally` block. Gives how many bridges there were,
 * and whether each ended.
 */
export const closingRunspace = `
  $shared = [hashtable]::Synchronized(@{ first = $null; last = $null })
  $shell = [powershell]::Create()
  $shell.Runspace = [runspacefactory]::CreateRunspace()
  $shell.Runspace.Open()
  $script = {
    param($module, $shared)
    Import-Module $module
    function Get-BridgeProcess { $null = Get-C2RStatus -WarningAction Ignore; Get-Process -Id (Get-C2RBridge).ProcessId }
    try {
      $shared.first = Get-BridgeProcess
      while ($true) { [Threading.Thread]::Sleep(20) }
    } finally {
      $shared.last = Get-BridgeProcess
    }
  }
  $null = $shell.AddScript($script).AddArgument((Get-Module C2RBridge).Path).AddArgument($shared)
  $run = $shell.BeginInvoke()
  while ($null -eq $shared.first -and -not $run.IsCompleted) { [Threading.Thread]::Sleep(20) }
  $shell.Runspace.Close()
  $ids = @($shared.first.Id, $shared.last.Id | Sort-Object -Unique)
  @{ bridges = $ids.Count; ended = @($shared.first, $shared.last | ForEach-Object { $_.WaitForExit(${deadline(10_000)}) }) }`;
