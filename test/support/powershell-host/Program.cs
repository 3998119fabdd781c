using C2RBridge.PowerShellHost;

// `pwsh --serve` answers scripts from standard input; everything else is what pwsh itself does.
return args is ["--serve"] ? Server.Run() : Microsoft.PowerShell.ConsoleShell.Start(null!, null, args);
