# The JSON-RPC client: all that touches the bridge's process and its frames. No other file knows what a frame is.
#
#   Start-Bridge        starts the process and agrees on the protocol
#   Send-Request        sends one request, waits for its answer, shows its progress, cancels it on Ctrl+C
#   Receive-Message     gives the next message, or nothing for now
#   Stop-Bridge         ends the process in the orderly way
#   Stop-FailedBridge   says why a bridge that failed is gone
#
# There is one connection for each instance of the module, which means for each runspace. Everything is waited for in
# short slices, because PowerShell honours Ctrl+C only between statements. None of these functions is an advanced one:
# `$PSCmdlet` is therefore the cmdlet that the user called, and its errors, warnings and progress come from there.

$script:Connection = $null

$script:ProtocolVersion = 1
$script:SliceMs = 50
# A cold start of Node under a virus scanner that sees it for the first time takes seconds, never a minute.
$script:StartTimeoutMs = 60000
# How long an answer may take after the bridge was told to cancel; the bridge promises 5 s.
$script:CancelTimeoutMs = 10000
# At the end of its input the bridge finishes what is in flight within 5 s.
$script:StopTimeoutMs = 7000
# These bound what a broken peer can make us hold; the bridge itself sends less.
$script:MaxHeaderLength = 8192
$script:MaxBodyLength = 268435456
$script:MaxErrorTextLength = 16384

function Start-Bridge {
    # Starts a bridge with the settings of Connect-C2RBridge; $script:Connection is usable afterwards.
    param([hashtable] $Settings)

    $program = Find-BridgeProgram -Settings $Settings
    $start = [System.Diagnostics.ProcessStartInfo]::new()
    $start.FileName = $program.NodePath
    $start.Arguments = ConvertTo-CommandLine -Argument $program.Arguments
    $start.WorkingDirectory = if (Test-OnWindows) { [Environment]::SystemDirectory } else { '/' }
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.StandardErrorEncoding = [Text.Encoding]::UTF8
    Limit-BridgeEnvironment -Environment $start.EnvironmentVariables

    try {
        $process = [Diagnostics.Process]::Start($start)
    } catch {
        $reason = $_.Exception.GetBaseException()
        $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId BridgeStartFailed -Exception $reason `
                    -Message "The bridge could not be started with '$($program.NodePath)': $($reason.Message)" `
                    -Category ResourceUnavailable -TargetObject $program.NodePath `
                    -RecommendedAction 'Check that -NodePath names a Node program that this user may run.'))
    }

    $connection = @{
        Process      = $process
        Program      = $program
        Info         = $null
        LastId       = 0
        # The base streams, because the StreamWriter would put a BOM in front of the first frame.
        Input        = $process.StandardInput.BaseStream
        Output       = $process.StandardOutput.BaseStream
        Errors       = $process.StandardError
        Writing      = $null
        Reading      = $null
        ErrorReading = $null
        # Bytes that were read but not looked at are Chunk[ChunkStart..ChunkEnd).
        Chunk        = [byte[]]::new(65536)
        ChunkStart   = 0
        ChunkEnd     = 0
        Header       = ''
        # The body in the making has its announced length from the start and is read into directly; null between bodies.
        Body         = $null
        BodyFilled   = 0
        # True while the fields above do not agree with each other; a Ctrl+C in that moment costs the connection.
        Parsing      = $false
        # Whether the bridge has closed its output.
        Ended        = $false
        ErrorChunk   = [char[]]::new(4096)
        ErrorText    = ''
    }
    $script:Connection = $connection

    $hello = @{
        protocolVersion = $script:ProtocolVersion
        client          = @{ name = 'C2RBridge'; version = $ExecutionContext.SessionState.Module.Version.ToString() }
    }
    # On Windows another child of ours may hold the pipe open after our death; elsewhere its end is dependable. The bridge of
    # another computer knows nothing of our processes.
    if ((Test-OnWindows) -and -not $Settings.ContainsKey('SshHost')) { $hello.parentProcessId = $PID }
    try {
        $connection.Info = Send-Request -Method initialize -Parameters $hello -TimeoutMs $script:StartTimeoutMs
    } finally {
        if ($null -eq $connection.Info) {
            $script:Connection = $null
            $connection.Input.Dispose()
        }
    }
}

function Send-Request {
    # Gives the result of one request as the wire has it. Every failure ends the cmdlet that was called. With -Activity,
    # progress is asked for and shown. After -TimeoutMs the request is cancelled and ends as Timeout.
    param([string] $Method, [Collections.IDictionary] $Parameters, [string] $Activity, [int] $TimeoutMs)

    $connection = $script:Connection
    $connection.LastId++
    $id = $connection.LastId
    $params = @{}
    foreach ($name in $Parameters.Keys) { $params[$name] = $Parameters[$name] }
    if ($Activity) { $params.progressToken = $id }
    $request = ConvertTo-Frame -Message @{ jsonrpc = '2.0'; id = $id; method = $Method; params = $params }
    $cancel = ConvertTo-Frame -Message @{ jsonrpc = '2.0'; method = '$/cancelRequest'; params = @{ id = $id } }

    $clock = [Diagnostics.Stopwatch]::StartNew()
    $answer = $null
    $failure = $null
    $cancelledAt = 0
    $flushed = $false
    $settled = $false
    try {
        $connection.Writing = $connection.Input.WriteAsync($request, 0, $request.Length)
        while ($null -eq $answer -and $null -eq $failure) {
            # On .NET Framework the stream buffers what is written.
            if (-not $flushed -and $connection.Writing.IsCompleted) {
                $connection.Writing = $connection.Input.FlushAsync()
                $flushed = $true
            }
            $message = Receive-Message -Connection $connection
            if ($connection.Ended) {
                $failure = [IO.EndOfStreamException]::new('it ended')
            } elseif ($null -eq $message) {
                if ($TimeoutMs -gt 0 -and $cancelledAt -eq 0 -and $clock.ElapsedMilliseconds -ge $TimeoutMs -and $flushed) {
                    $cancelledAt = $clock.ElapsedMilliseconds
                    $connection.Input.Write($cancel, 0, $cancel.Length)
                    $connection.Input.Flush()
                }
                if ($TimeoutMs -gt 0 -and $clock.ElapsedMilliseconds -ge $TimeoutMs + $script:CancelTimeoutMs) {
                    $failure = [TimeoutException]::new("it neither answered $Method within $TimeoutMs ms nor cancelled it")
                }
            } elseif ($message.PSObject.Properties['id']) {
                # Answers to requests that were given up come late and are nobody's.
                # -eq alone would take the string '2' and the boolean true for numbers.
                if (($message.id -is [int] -or $message.id -is [long]) -and $message.id -eq $id) { $answer = $message }
                elseif ($null -eq $message.id) { $failure = [IO.InvalidDataException]::new("it refused a message: $($message.error.message)") }
            } elseif ($Activity -and $message.method -eq '$/progress' -and $message.params.token -eq $id) {
                Write-BridgeProgress -Activity $Activity -Value $message.params.value
            }
        }
        $settled = $true
    } catch [IO.IOException], [IO.InvalidDataException], [ObjectDisposedException], [TimeoutException], [ArgumentException] {
        $settled = $true
        $failure = $_.Exception.GetBaseException()
    } finally {
        # Not settled is Ctrl+C, where PowerShell refuses commands and only .NET calls work.
        if (-not $settled) {
            if ($connection.Parsing -or $null -eq $connection.Writing -or -not $connection.Writing.IsCompleted) {
                # One of the streams is cut in the middle of a message. The end of its input makes the bridge cancel, too.
                $script:Connection = $null
                $connection.Input.Dispose()
            } else {
                try {
                    $connection.Input.Write($cancel, 0, $cancel.Length)
                    $connection.Input.Flush()
                } catch {
                    $script:Connection = $null
                }
            }
        }
    }
    if ($Activity) { Write-BridgeProgress -Activity $Activity }
    if ($failure) { Stop-FailedBridge -Method $Method -Reason $failure }
    $PSCmdlet.WriteVerbose("$Method took $($clock.ElapsedMilliseconds) ms.")

    if (-not $answer.PSObject.Properties['error']) { return $answer.result }
    if ($cancelledAt -gt 0) {
        $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId Timeout -Category OperationTimeout -TargetObject $Method `
                    -Message "$Method did not end within $TimeoutMs ms and was cancelled." `
                    -RecommendedAction 'Allow more time with -TimeoutSec.'))
    }
    $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -WireError $answer.error -TargetObject $Method))
}

function ConvertTo-Frame {
    # Gives the bytes of one message: header and UTF-8 body.
    param([hashtable] $Message)

    $body = [Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -InputObject $Message -Depth 64 -Compress))
    $header = [Text.Encoding]::ASCII.GetBytes("Content-Length: $($body.Length)`r`n`r`n")
    $frame = [byte[]]::new($header.Length + $body.Length)
    $header.CopyTo($frame, 0)
    $body.CopyTo($frame, $header.Length)
    return , $frame
}

function Receive-Message {
    # Gives the next message, or nothing where none is complete within a slice or where the bridge has ended. Throws
    # InvalidDataException at bytes that are no frame. Each byte is looked at once, however large the body.
    param([hashtable] $Connection)

    while ($true) {
        $Connection.Parsing = $true
        if ($null -ne $Connection.Reading -and $Connection.Reading.IsCompleted) {
            $count = $Connection.Reading.GetAwaiter().GetResult()
            $Connection.Reading = $null
            if ($count -eq 0) {
                $Connection.Ended = $true
                return $null
            }
            if ($null -ne $Connection.Body) {
                $Connection.BodyFilled += $count
            } else {
                $Connection.ChunkStart = 0
                $Connection.ChunkEnd = $count
            }
        }
        if ($null -eq $Connection.Body -and $Connection.ChunkStart -lt $Connection.ChunkEnd) { Read-Header -Connection $Connection }
        if ($null -ne $Connection.Body) {
            $here = [Math]::Min($Connection.Body.Length - $Connection.BodyFilled, $Connection.ChunkEnd - $Connection.ChunkStart)
            if ($here -gt 0) {
                [Buffer]::BlockCopy($Connection.Chunk, $Connection.ChunkStart, $Connection.Body, $Connection.BodyFilled, $here)
                $Connection.ChunkStart += $here
                $Connection.BodyFilled += $here
            }
            if ($Connection.BodyFilled -eq $Connection.Body.Length) {
                $json = [Text.Encoding]::UTF8.GetString($Connection.Body)
                $Connection.Body = $null
                $Connection.Parsing = $false
                return ConvertFrom-BridgeJson -Json $json
            }
        }
        $unread = $Connection.ChunkStart -lt $Connection.ChunkEnd
        if (-not $unread -and $null -eq $Connection.Reading) {
            $Connection.Reading = if ($null -ne $Connection.Body) {
                $Connection.Output.ReadAsync($Connection.Body, $Connection.BodyFilled, $Connection.Body.Length - $Connection.BodyFilled)
            } else {
                $Connection.Output.ReadAsync($Connection.Chunk, 0, $Connection.Chunk.Length)
            }
        }
        $Connection.Parsing = $false
        if ($unread) { continue }

        Read-ErrorText -Connection $Connection
        $tasks = [Collections.Generic.List[Threading.Tasks.Task]]::new()
        $tasks.Add($Connection.Reading)
        if ($null -ne $Connection.ErrorReading) { $tasks.Add($Connection.ErrorReading) }
        if (-not $Connection.Writing.IsCompleted) { $tasks.Add($Connection.Writing) }
        if ([Threading.Tasks.Task]::WaitAny($tasks.ToArray(), $script:SliceMs) -ne 0) { return $null }
    }
}

function Read-Header {
    # Takes header bytes from the chunk; when the header is complete, begins the body.
    param([hashtable] $Connection)

    $length = [Math]::Min($Connection.ChunkEnd - $Connection.ChunkStart, $script:MaxHeaderLength)
    $before = $Connection.Header.Length
    $header = $Connection.Header + [Text.Encoding]::ASCII.GetString($Connection.Chunk, $Connection.ChunkStart, $length)
    $end = $header.IndexOf("`r`n`r`n", [StringComparison]::Ordinal)
    if ($end -lt 0) {
        if ($header.Length -gt $script:MaxHeaderLength) { throw [IO.InvalidDataException] 'it sent something that is no frame' }
        $Connection.Header = $header
        $Connection.ChunkStart += $length
        return
    }
    $size = 0
    if ($header.Substring(0, $end) -notmatch '(?im)^Content-Length:[ \t]*(\d{1,10})[ \t]*\r?$' -or
        -not [int]::TryParse($Matches[1], [ref] $size) -or $size -gt $script:MaxBodyLength) {
        throw [IO.InvalidDataException] 'it sent something that is no frame'
    }
    $Connection.Header = ''
    $Connection.ChunkStart += $end + 4 - $before
    $Connection.Body = [byte[]]::new($size)
    $Connection.BodyFilled = 0
}

function Read-ErrorText {
    # Keeps the last of what the bridge wrote to stderr, without ever waiting for it.
    param([hashtable] $Connection)

    while ($true) {
        if ($null -eq $Connection.ErrorReading) {
            if ($null -eq $Connection.Errors) { return }
            $Connection.ErrorReading = $Connection.Errors.ReadAsync($Connection.ErrorChunk, 0, $Connection.ErrorChunk.Length)
        }
        if (-not $Connection.ErrorReading.IsCompleted) { return }
        $count = if ($Connection.ErrorReading.IsFaulted) { 0 } else { $Connection.ErrorReading.Result }
        $Connection.ErrorReading = $null
        if ($count -eq 0) {
            $Connection.Errors = $null
            return
        }
        $text = $Connection.ErrorText + [string]::new($Connection.ErrorChunk, 0, $count)
        $Connection.ErrorText = $text.Substring([Math]::Max(0, $text.Length - $script:MaxErrorTextLength))
    }
}

function Test-BridgeAlive {
    # Says whether there is a connection that can take a request.
    $connection = $script:Connection
    if ($null -eq $connection) { return $false }
    return -not $connection.Process.HasExited
}

function Stop-Bridge {
    # Ends the process, by the end of its input or at last by force. Never fails; nothing to end is fine.
    $connection = $script:Connection
    $script:Connection = $null
    if ($null -eq $connection) { return }
    $clock = [Diagnostics.Stopwatch]::StartNew()
    try {
        $connection.Input.Dispose()
        # A bridge whose output nobody reads could not end.
        while (-not $connection.Ended -and $clock.ElapsedMilliseconds -lt $script:StopTimeoutMs) {
            $null = Receive-Message -Connection $connection
        }
    } catch {
        # A bridge that is broken is ended all the same.
        $null = $_
    }
    $rest = [Math]::Max(0, $script:StopTimeoutMs - $clock.ElapsedMilliseconds)
    if (-not $connection.Process.WaitForExit($rest)) { $connection.Process.Kill() }
    # Not earlier: on Windows, closing a pipe waits for the read that is pending on it.
    $connection.Process.Dispose()
}

function Stop-FailedBridge {
    # Ends the cmdlet with what is known about a bridge that died or broke the protocol. The next cmdlet starts a new one.
    param([string] $Method, [Exception] $Reason)

    $connection = $script:Connection
    $script:Connection = $null
    $process = $connection.Process
    try { $connection.Input.Dispose() } catch [IO.IOException] { $null = $_ }
    if (-not $process.WaitForExit(1000)) { $process.Kill() }
    $clock = [Diagnostics.Stopwatch]::StartNew()
    while ($null -ne $connection.Errors -and $clock.ElapsedMilliseconds -lt 1000) {
        Read-ErrorText -Connection $connection
        if ($null -ne $connection.ErrorReading) { $null = $connection.ErrorReading.Wait($script:SliceMs) }
    }
    $why = if ($Reason -is [IO.IOException] -and $process.HasExited) { "it ended with exit code $($process.ExitCode)" } else { $Reason.Message }
    $lines = @($connection.ErrorText.Trim() -split '\r?\n')
    $last = $lines[[Math]::Max(0, $lines.Length - 10)..($lines.Length - 1)] -join [Environment]::NewLine
    if ($last) { $why = "$why. Its last words: $last" }
    $started = $null -ne $connection.Info
    $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -Exception $Reason -TargetObject $Method `
                -ErrorId $(if ($started) { 'BridgeFailed' } else { 'BridgeStartFailed' }) `
                -Message "The bridge failed in ${Method}: $why" -Category ResourceUnavailable `
                -RecommendedAction $(if ($started) { 'Run the command again: it starts a new bridge. What was going on in Windows may still go on: see Get-C2RStatus.' }
                    else { 'Check the settings given to Connect-C2RBridge, and that NodePath is Node 20 or newer.' })))
}
