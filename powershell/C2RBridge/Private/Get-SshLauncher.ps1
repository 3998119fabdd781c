function Get-SshLauncher {
    # Gives a line of JavaScript that starts the bridge on another computer: the one at -Path, or else the one of the module
    # where its operating system keeps modules. Where there is none it says so in one line. Double quotes, $, %, ! and
    # backticks are not in it, which the shells read in ways of their own.
    param([string] $Path)

    $version = $ExecutionContext.SessionState.Module.Version
    $tail = "C2RBridge/$version/bin/c2r-bridge.cjs"
    $places = if ($Path) { "['$($Path.Replace('\', '/'))']" }
    else {
        "process.platform==='win32'?[(process.env.ProgramFiles||'C:/Program Files')+'/WindowsPowerShell/Modules/$tail']:" +
        "['/usr/local/share/powershell/Modules/$tail',require('os').homedir()+'/.local/share/powershell/Modules/$tail']"
    }
    return "const places=$places;const found=places.find(x=>require('fs').existsSync(x));" +
    "if(found){process.argv.splice(1,0,found);require(found)}" +
    "else{console.error('c2r-bridge '+['$version','is not installed on this computer: there is no',places.join(' and no ')].join(' '));process.exitCode=127}"
}
