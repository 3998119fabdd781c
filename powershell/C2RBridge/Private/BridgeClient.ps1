# The JSON-RPC client: all that touches the bridge's process and its frames. No other file knows what a frame is.
#
#   Start-Bridge        starts the process
#   Confirm-Bridge      agrees with it on the protocol
#   Send-Request        sends one request and gives its result, or ends the cmdlet with its error
#   Wait-Answer         writes requests and waits for their answers; cancels them on Ctrl+C
#   Initialize-Reader   has the reading of answers compiled while Node starts
#   Receive-Answer      does one step of that wait: reads, shows progress, notices the end of the bridge or of the time
#   Receive-Body        gives the body of the next message, or nothing for now
#   Read-Body           says what a message means for the requests that wait
#   Stop-Bridge         ends the process in the orderly way
#   Stop-FailedBridge   ends it and says what was wrong with it
#
# Most of what the first command of a session costs is that PowerShell compiles: whole functions, a method for each member name and
# for each method that they meet, and many for a parameter of a value type such as [int]. So members of the connection, of a request
# and of a message are read as ['Name'], which is one for all of them, parameters have no types, and what is seldom needed (JSON of
# parameters) has a function of its own. Patterns are dear, too: the first one of a session loads what reads them.
#
# There is one connection for each instance of the module, which means for each runspace. Everything is waited for in
# short slices, because PowerShell honours Ctrl+C only between statements. None of these functions is an advanced one:
# `$PSCmdlet` is therefore the cmdlet that the user called, and its errors, warnings and progress come from there.
#
# PowerShell runs the actions of events amid a command that waits, at any call of a function and with each turn of a loop. So a
# command may begin and end while another is within Receive-Answer: each takes in the answers of both, and after every call the
# connection may have got further. Functions that change the connection in several steps, Read-Header and Read-ErrorText, have
# neither calls nor loops.

$script:Connection = $null

$script:ProtocolVersion = 1
# Asked by this client, and by nobody else.
$script:SessionMethods = 'initialize', 'shutdown', 'exit'
$script:SliceMs = 50
# A cold start of Node under a virus scanner that sees it for the first time takes seconds, never a minute.
$script:StartTimeoutMs = 60000
# How long an answer may take after the bridge was told to cancel; the bridge promises 5 s.
$script:CancelTimeoutMs = 10000
# At the end of its input the bridge finishes what is in flight within 5 s.
$script:StopTimeoutMs = 7000
# One that broke the protocol is owed less.
$script:FailedStopTimeoutMs = 1000
# These bound what a broken peer can make us hold. 32 MiB is also what the bridge takes, above the 20 MB that both must bear.
$script:MaxHeaderLength = 8192
$script:MaxBodyLength = 33554432
$script:MaxErrorTextLength = 16384
$script:ApplyContinues = 'Click-to-Run continues to apply the update: applying cannot be stopped. Wait-C2RUpdate waits for its end, and Get-C2RStatus shows how it ended.'
# Throws at bytes that are not UTF-8: a replacement character in their place would make the result a wrong one.
$script:StrictUtf8 = [Text.UTF8Encoding]::new($false, $true)

function Start-Bridge {
    # Starts a bridge with the settings of Connect-C2RBridge. Node takes its time to start: what can wait is done meanwhile.
    param($Settings)

    $program = Find-BridgeProgram -Settings $Settings
    $start = [Diagnostics.ProcessStartInfo] @{
        FileName               = $program['NodePath']
        Arguments              = ConvertTo-CommandLine -Argument $program['Arguments']
        WorkingDirectory       = if (Test-OnWindows) { [Environment]::SystemDirectory } else { '/' }
        UseShellExecute        = $false
        CreateNoWindow         = $true
        RedirectStandardInput  = $true
        RedirectStandardOutput = $true
        RedirectStandardError  = $true
    }
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
        # What the bridge said of itself; null until it has.
        Info         = $null
        LastId       = 0
        Greeting     = $null
        # The requests that commands wait for: those of one, and of another that an event's action runs meanwhile.
        Open         = @()
        # Whether a command has ended it, perhaps amid another.
        Closed       = $false
        # The base streams, because the StreamWriter would put a BOM in front of the first frame.
        Input        = $process.StandardInput.BaseStream
        Output       = $process.StandardOutput.BaseStream
        Errors       = $process.StandardError.BaseStream
        Writing      = [Threading.Tasks.Task]::CompletedTask
        # Whether what was written may still lie in the stream's own buffer.
        Unflushed    = $false
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
        # Whether a Ctrl+C has cut one of the streams in the middle of a message.
        Cut          = $false
        ErrorChunk   = [byte[]]::new(4096)
        ErrorDecoder = $null
        ErrorText    = ''
    }
    $script:Connection = $connection
    # Here, and not when the module is imported: Node takes longer to start.
    Register-BridgeExit -Connection $connection
}

function Confirm-Bridge {
    # Makes sure that what was started is a bridge of this protocol, before anything else is asked of it.
    if ($null -eq $script:Connection['Info']) { Wait-Answer -Request @(Get-Greeting) }
}

function Get-Greeting {
    # Gives the request that a connection begins with.
    if ($null -ne $script:Connection['Greeting']) { return $script:Connection['Greeting'] }
    $hello = "`"protocolVersion`":$script:ProtocolVersion,`"client`":{`"name`":`"C2RBridge`",`"version`":`"$($ExecutionContext.SessionState.Module.Version)`"}"
    # On Windows another child of ours may hold the pipe open after our death; elsewhere its end is dependable. The bridge of
    # another computer knows nothing of our processes.
    if ((Test-OnWindows) -and -not $script:Settings['SshHost']) { $hello += ",`"parentProcessId`":$PID" }
    $script:Connection['Greeting'] = New-Request -Method initialize -Json "{$hello}" -TimeoutMs $script:StartTimeoutMs
    return $script:Connection['Greeting']
}

function Test-BridgeInfo {
    # Says whether the answer to `initialize` is what the rest of the module relies on.
    param($Info)

    try {
        $members = $Info.PSObject.Properties
        $process = $members['process'].Value.PSObject.Properties
        return $members['protocolVersion'].Value -eq $script:ProtocolVersion -and $members['backend'].Value -is [string] -and
        $members['server'].Value.PSObject.Properties['version'].Value -is [string] -and $process['node'].Value -is [string] -and
        $process['arch'].Value -is [string] -and $process['elevated'].Value -is [bool]
    } catch {
        # StrictMode throws at a member that is not there.
        return $false
    }
}

function Send-Request {
    # Gives the result of one request as the wire has it. Every failure ends the cmdlet that was called. With -Activity,
    # progress is asked for and shown. After -TimeoutMs the request is cancelled and ends as Timeout.
    param([string] $Method, $Parameters, [string] $Activity, $TimeoutMs)

    $request = New-Request -Method $Method -Parameters $Parameters -Activity $Activity -TimeoutMs $TimeoutMs
    # A bridge that was only just started is greeted and asked in one go.
    if ($null -eq $script:Connection['Info']) {
        Wait-Answer -Request @((Get-Greeting), $request)
        Write-SimulationWarning -Method $Method
    } else {
        Wait-Answer -Request @(, $request)
    }
    $PSCmdlet.WriteVerbose("$Method took $($request['Clock'].ElapsedMilliseconds) ms.")

    $answer = $request['Answer']
    if (-not $answer['error']) {
        $result = $answer['result'].Value
        if ($script:UpdateMethods -contains $Method) { Write-UpdateEvent -Method $Method -Result $result }
        return $result
    }
    $wireError = $answer['error'].Value
    # -32800 is RequestCancelled.
    if ($request['IsCancelled'] -and $wireError.code -eq -32800) {
        $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId Timeout -Category OperationTimeout -TargetObject $Method `
                    -Message "$Method did not end within $TimeoutMs ms and was cancelled." `
                    -RecommendedAction 'Allow more time with -TimeoutSec.'))
    }
    $record = New-C2RErrorRecord -WireError $wireError -TargetObject $Method
    if ($script:UpdateMethods -contains $Method) { Write-UpdateEvent -Method $Method -Record $record }
    $PSCmdlet.ThrowTerminatingError($record)
}

function New-Request {
    # Gives a request that waits to be sent: its frame, and what becomes of it. Without parameters its params are -Json.
    param([string] $Method, $Parameters, [string] $Activity, $TimeoutMs, [string] $Json = '{}')

    $id = $script:Connection['LastId'] + 1
    $script:Connection['LastId'] = $id
    # The first ConvertTo-Json of a session takes longer than the request.
    if ($Parameters -or $Activity) { $Json = ConvertTo-ParamsJson -Parameters $Parameters -ProgressToken $(if ($Activity) { $id }) }
    return @{
        Id          = $id
        Method      = $Method
        Activity    = $Activity
        Frame       = ConvertTo-Frame -Method $Method -Json $Json -Id $id
        # Ready to be written: after Ctrl+C PowerShell calls no function.
        Cancel      = [Text.Encoding]::UTF8.GetBytes((ConvertTo-Frame -Method '$/cancelRequest' -Json "{`"id`":$id}"))
        TimeoutMs   = $TimeoutMs
        Clock       = [Diagnostics.Stopwatch]::StartNew()
        IsSent      = $false
        IsCancelled = $false
        # What the last progress said; null before.
        Phase       = $null
        Answer      = $null
    }
}

function ConvertTo-ParamsJson {
    # Gives the params of a request as JSON, with its progress token where there is one.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseLiteralInitializerForHashtable', '', Justification = 'Names may differ in case alone.')]
    param($Parameters, $ProgressToken)

    $params = [hashtable]::new([StringComparer]::Ordinal)
    # Not by $Parameters.Keys, which is a parameter of that name where there is one.
    if ($Parameters) { foreach ($parameter in $Parameters.GetEnumerator()) { $params[$parameter.Key] = $parameter.Value } }
    if ($ProgressToken) { $params['progressToken'] = $ProgressToken }
    return & (Get-UtilityCommand -Name ConvertTo-Json) -InputObject $params -Depth 64 -Compress
}

function Wait-Answer {
    # Writes requests and returns when each has its Answer. A bridge that fails ends the cmdlet. Ctrl+C cancels the last one.
    param($Request)

    $connection = $script:Connection
    $last = $null
    foreach ($each in $Request) { $last = $each }
    $failure = $null
    $settled = $false
    # A command amid this one has ended when this one continues.
    $outer = $connection['Open']
    $connection['Open'] = $outer + $Request
    try {
        # Behind what another command is writing.
        while (-not $failure -and -not $connection['Writing'].IsCompleted) { $failure = Receive-Answer -Connection $connection -Request $Request }
        # The greeting and a first request, which is a small one, are one write.
        $frames = -join $(foreach ($each in $Request) { if (-not $each['IsSent']) { $each['Frame'] } })
        foreach ($each in $Request) { $each['IsSent'] = $true }
        Write-Frame -Connection $connection -Frame ([Text.Encoding]::UTF8.GetBytes($frames))
        foreach ($each in $Request) {
            while (-not $failure -and $null -eq $each['Answer']) { $failure = Receive-Answer -Connection $connection -Request $Request }
        }
        $settled = $true
    } catch [IO.IOException], [IO.InvalidDataException], [ObjectDisposedException] {
        $settled = $true
        $failure = $_.Exception.GetBaseException().Message
    } finally {
        $connection['Open'] = $outer
        # Not settled is Ctrl+C, where PowerShell refuses commands and functions, and only .NET calls work.
        if (-not $settled) {
            $connection['Cut'] = $true
            try {
                # A bridge that reads takes this at once; one that does not must not keep the user waiting. Behind a request
                # that the stream still buffers, the cancel is flushed together with it.
                if ($connection['Writing'].Wait($script:FailedStopTimeoutMs)) {
                    $connection['Writing'] = $connection['Input'].WriteAsync($last['Cancel'], 0, $last['Cancel'].Length)
                    if ($connection['Writing'].Wait($script:FailedStopTimeoutMs)) {
                        $connection['Writing'] = $connection['Input'].FlushAsync()
                        $connection['Cut'] = -not $connection['Writing'].Wait($script:FailedStopTimeoutMs) -or $connection['Parsing'] -or $null -eq $connection['Info']
                    }
                }
                # The end of its input makes the bridge cancel, too. On Windows closing waits for a write that hangs.
                if ($connection['Cut'] -and $connection['Writing'].IsCompleted) { $connection['Input'].Dispose() }
                if ($last['Phase'] -ceq 'apply' -and $WarningPreference -ne 'SilentlyContinue') { $Host.UI.WriteWarningLine($script:ApplyContinues) }
            } catch {
                $null = $_
            }
        }
    }
    if ($last['Activity']) { Write-BridgeProgress -Activity $last['Activity'] }
    if ($failure) { Stop-FailedBridge -Method $(if ($null -eq $connection['Info']) { $Request[0]['Method'] } else { $last['Method'] }) -Reason $failure -Connection $connection }
}

function Initialize-Reader {
    # Reads an answer that nobody has sent, so that PowerShell compiles what reads answers while Node starts, and not when the
    # first one is there.
    $answer = Read-Body -Body ([Text.Encoding]::UTF8.GetBytes('{"id":0,"result":{"name":""}}')) -Id 0
    $null = ConvertTo-ResultObject -Value $answer['Members']['result'].Value
}

function Receive-Answer {
    # Takes at most one message, for these requests or for others that are open, and looks after the time of these. Gives the reason
    # why no answer can come, where there is one.
    param($Connection, $Request)

    if ($Connection['Unflushed'] -and $Connection['Writing'].IsCompleted) {
        $Connection['Unflushed'] = $false
        $Connection['Writing'] = $Connection['Input'].FlushAsync()
        if ($null -eq $Connection['Info']) { Initialize-Reader }
    }
    $body = Receive-Body -Connection $Connection
    if ($null -ne $body) {
        $open = $Connection['Open']
        $meaning = Read-Body -Body $body -Id @(foreach ($each in $open) { $each['Id'] })
        foreach ($each in $open) {
            if ($meaning['Id'] -ne $each['Id']) { continue }
            if ($meaning['Kind'] -eq 'Progress') {
                # Before it is shown: who sees it may press Ctrl+C.
                if ($meaning['Value'] -is [psobject] -and $meaning['Value'].PSObject.Properties['phase']) { $each['Phase'] = $meaning['Value'].phase }
                if ($each['Activity']) { Write-BridgeProgress -Activity $each['Activity'] -Value $meaning['Value'] }
                continue
            }
            $each['Answer'] = $meaning['Members']
            if ($each['Method'] -cne 'initialize') { continue }
            if ($each['Answer']['error']) { return $each['Answer']['error'].Value.message }
            $info = $each['Answer']['result'].Value
            if (-not (Test-BridgeInfo -Info $info)) { return 'it is not a bridge of this protocol' }
            $Connection['Info'] = $info
            # The start of Node is not the time of the requests.
            foreach ($begun in $open) { $begun['Clock'].Restart() }
        }
    } elseif ($Connection['Ended']) {
        return 'it closed its output'
    } elseif ($Connection['Writing'].IsFaulted) {
        return 'it closed its input'
    }
    # Also behind a message: a bridge that never stops to send others must not hold the request for ever.
    foreach ($due in $Request) { if ($null -eq $due['Answer']) { break } }
    if ($null -ne $due['Answer']) { return }
    $overdueMs = $due['Clock'].ElapsedMilliseconds - $due['TimeoutMs']
    if ($due['TimeoutMs'] -le 0 -or $overdueMs -lt 0) { return }
    if ($overdueMs -ge $script:CancelTimeoutMs) { return "it neither answered $($due['Method']) within $($due['TimeoutMs']) ms nor cancelled it" }
    if (-not $due['IsCancelled'] -and -not $Connection['Unflushed'] -and $Connection['Writing'].IsCompleted) {
        $due['IsCancelled'] = $true
        Write-Frame -Connection $Connection -Frame $due['Cancel']
    }
}

function ConvertTo-Frame {
    # Gives the text of one message, whose params are -Json: header and body, whose length counts in UTF-8.
    param([string] $Method, [string] $Json, $Id)

    $name = $Method.Replace('\', '\\').Replace('"', '\"')
    $number = if ($null -ne $Id) { "`"id`":$Id," }
    $body = "{`"jsonrpc`":`"2.0`",$number`"method`":`"$name`",`"params`":$Json}"
    return "Content-Length: $([Text.Encoding]::UTF8.GetBytes($body).Length)`r`n`r`n$body"
}

function Write-Frame {
    # Begins to write a frame. On .NET Framework the stream buffers it: the wait flushes it when the write has ended.
    param($Connection, $Frame)

    $Connection['Unflushed'] = $true
    $Connection['Writing'] = $Connection['Input'].WriteAsync($Frame, 0, $Frame.Length)
}

function Receive-Body {
    # Gives the bytes of the next body, or nothing where none is complete within a slice, however busily bytes come, or where
    # the bridge has ended. Throws InvalidDataException at bytes that are not a frame. Looks at each byte once, however large
    # the body.
    param($Connection)

    $clock = [Diagnostics.Stopwatch]::StartNew()
    do {
        $Connection['Parsing'] = $true
        if ($null -ne $Connection['Reading'] -and $Connection['Reading'].IsCompleted) {
            if ($Connection['Reading'].IsFaulted) { throw $Connection['Reading'].Exception.GetBaseException() }
            $count = $Connection['Reading'].Result
            $Connection['Reading'] = $null
            if ($count -eq 0) {
                $Connection['Ended'] = $true
                return $null
            }
            if ($null -ne $Connection['Body']) {
                $Connection['BodyFilled'] += $count
            } else {
                $Connection['ChunkStart'] = 0
                $Connection['ChunkEnd'] = $count
            }
        }
        if ($null -eq $Connection['Body'] -and $Connection['ChunkStart'] -lt $Connection['ChunkEnd']) { Read-Header -Connection $Connection }
        if ($null -ne $Connection['Body']) {
            $here = $Connection['ChunkEnd'] - $Connection['ChunkStart']
            if ($here -gt $Connection['Body'].Length - $Connection['BodyFilled']) { $here = $Connection['Body'].Length - $Connection['BodyFilled'] }
            if ($here -gt 0) {
                [Buffer]::BlockCopy($Connection['Chunk'], $Connection['ChunkStart'], $Connection['Body'], $Connection['BodyFilled'], $here)
                $Connection['ChunkStart'] += $here
                $Connection['BodyFilled'] += $here
            }
            if ($Connection['BodyFilled'] -eq $Connection['Body'].Length) {
                $body = $Connection['Body']
                $Connection['Body'] = $null
                $Connection['Parsing'] = $false
                return , $body
            }
        }
        $unread = $Connection['ChunkStart'] -lt $Connection['ChunkEnd']
        if (-not $unread -and $null -eq $Connection['Reading']) {
            $Connection['Reading'] = if ($null -ne $Connection['Body']) {
                $Connection['Output'].ReadAsync($Connection['Body'], $Connection['BodyFilled'], $Connection['Body'].Length - $Connection['BodyFilled'])
            } else {
                $Connection['Output'].ReadAsync($Connection['Chunk'], 0, $Connection['Chunk'].Length)
            }
        }
        $Connection['Parsing'] = $false
        if (-not $unread -and -not (Wait-Stream -Connection $Connection)) { return $null }
    } while ($clock.ElapsedMilliseconds -lt $script:SliceMs)
}

function Wait-Stream {
    # Waits at most a slice for any of the streams; says whether it is the output that has something.
    param($Connection)

    Read-ErrorText -Connection $Connection
    # Another command has taken it meanwhile.
    if ($null -eq $Connection['Reading']) { return $true }
    $tasks = @(
        $Connection['Reading']
        if ($null -ne $Connection['ErrorReading']) { $Connection['ErrorReading'] }
        if (-not $Connection['Writing'].IsCompleted) { $Connection['Writing'] }
    )
    return [Threading.Tasks.Task]::WaitAny($tasks, $script:SliceMs) -eq 0
}

function Read-Header {
    # Takes header bytes from the chunk; when the header is complete, begins the body.
    param($Connection)

    $length = $Connection['ChunkEnd'] - $Connection['ChunkStart']
    if ($length -gt $script:MaxHeaderLength) { $length = $script:MaxHeaderLength }
    $before = $Connection['Header'].Length
    $header = $Connection['Header'] + [Text.Encoding]::ASCII.GetString($Connection['Chunk'], $Connection['ChunkStart'], $length)
    $end = $header.IndexOf("`r`n`r`n", [StringComparison]::Ordinal)
    if ($end -lt 0) {
        if ($header.Length -gt $script:MaxHeaderLength) { throw [IO.InvalidDataException] 'it sent malformed data' }
        $Connection['Header'] = $header
        $Connection['ChunkStart'] += $length
        return
    }
    $size = $null
    # Without a pattern: the first one of a session takes longer than the answer.
    $lines = "`n$($header.Substring(0, $end))`r"
    $at = $lines.IndexOf("`nContent-Length:", [StringComparison]::OrdinalIgnoreCase)
    if ($at -ge 0) {
        $value = $lines.Substring($at + 16)
        $digits = $value.Substring(0, $value.IndexOf("`r", [StringComparison]::Ordinal)).Trim()
        $size = $digits -as [long]
        # PowerShell takes 0x7B, 1e3 and 1kb for numbers, too.
        if ("$size" -ne $digits) { $size = $null }
    }
    if ($null -eq $size -or $size -lt 0 -or $size -gt $script:MaxBodyLength) { throw [IO.InvalidDataException] 'it sent malformed data' }
    $Connection['Header'] = ''
    $Connection['ChunkStart'] += $end + 4 - $before
    $Connection['Body'] = [byte[]]::new($size)
    $Connection['BodyFilled'] = 0
}

function Read-Body {
    # Gives the Kind of a message and the Id that it is for: Answer (with its Members), Progress (with its Value), or Other,
    # which is for nobody. Throws InvalidDataException at what is not a JSON-RPC message, and where the bridge says that it
    # refused one of ours.
    param($Body, $Id)

    $broken = [IO.InvalidDataException]::new('it sent malformed data')
    try {
        $json = $script:StrictUtf8.GetString($Body)
        # Not by what is parsed: an array of one element would come out as that element.
        if (-not $json.StartsWith('{', [StringComparison]::Ordinal)) { throw $broken }
        $message = ConvertFrom-BridgeJson -Json $json
        $members = $message.PSObject.Properties
        $isProgress = $members['method'] -and $members['method'].Value -ceq '$/progress'
        # Requests and other notifications are not for us.
        if ($members['method'] -and -not $isProgress) { return @{ Kind = 'Other'; Id = 0 } }
        # No `= if`: what comes out of a statement loses the array around a single element.
        if ($isProgress) { $for = $message.params.token } else { $for = $members['id'].Value }
        # -contains alone would take the string '2' and the boolean true for numbers.
        $isMine = ($for -is [int] -or $for -is [long]) -and $Id -contains $for
        if ($isProgress -and $isMine) { return @{ Kind = 'Progress'; Id = $for; Value = $message.params.value } }
        # Answers to requests that were given up come late and are nobody's; one to null is about a message of ours.
        if (-not $isMine -and ($isProgress -or $null -ne $for)) { return @{ Kind = 'Other'; Id = 0 } }
        if ([bool] $members['error'] -eq [bool] $members['result']) { throw $broken }
        if ($members['error']) {
            $code = $message.error.code
            if (-not ($code -is [int] -or $code -is [long]) -or $message.error.message -isnot [string]) { throw $broken }
        }
        if ($isMine) { return @{ Kind = 'Answer'; Id = $for; Members = $members } }
        $refusal = $message.error.message
    } catch {
        # Everything above may throw at a message of a wrong shape; StrictMode does at a member that is not there.
        throw $broken
    }
    throw [IO.InvalidDataException] "it refused a message: $refusal"
}

function Read-ErrorText {
    # Keeps the last of what the bridge wrote to stderr, without ever waiting for it.
    param($Connection)

    if ($null -ne $Connection['ErrorReading'] -and $Connection['ErrorReading'].IsCompleted) {
        $count = if ($Connection['ErrorReading'].IsFaulted) { 0 } else { $Connection['ErrorReading'].Result }
        $Connection['ErrorReading'] = $null
        if ($count -eq 0) { $Connection['Errors'] = $null }
        # One for the whole stream: a chunk may end within a character.
        if ($null -eq $Connection['ErrorDecoder']) { $Connection['ErrorDecoder'] = [Text.Encoding]::UTF8.GetDecoder() }
        $characters = [char[]]::new($count + 1)
        $length = $Connection['ErrorDecoder'].GetChars($Connection['ErrorChunk'], 0, $count, $characters, 0, $count -eq 0)
        $text = $Connection['ErrorText'] + [string]::new($characters, 0, $length)
        $Connection['ErrorText'] = $text.Substring([Math]::Max(0, $text.Length - $script:MaxErrorTextLength))
    }
    if ($null -eq $Connection['ErrorReading'] -and $null -ne $Connection['Errors']) {
        $Connection['ErrorReading'] = $Connection['Errors'].ReadAsync($Connection['ErrorChunk'], 0, $Connection['ErrorChunk'].Length)
    }
}

function Test-BridgeAlive {
    # Says whether there is a connection that can take a request.
    $connection = $script:Connection
    if ($null -eq $connection) { return $false }
    return -not $connection['Cut'] -and -not $connection['Closed'] -and -not $connection['Process'].HasExited
}

function Stop-Bridge {
    # Ends the process, by the end of its input or at last by force. Never fails; nothing to end is fine.
    $connection = $script:Connection
    $script:Connection = $null
    if ($null -eq $connection) { return }
    $connection['Closed'] = $true
    $null = Stop-BridgeProcess -Connection $connection -TimeoutMs $script:StopTimeoutMs
}

function Stop-BridgeProcess {
    # Ends the process of a connection that is no longer used: by the end of its input, or after -TimeoutMs by force. Gives
    # its exit code, or nothing where it took force. Never fails.
    param($Connection, [int] $TimeoutMs)

    $clock = [Diagnostics.Stopwatch]::StartNew()
    $process = $Connection['Process']
    $exitCode = $null
    try {
        # On Windows closing waits for a write that hangs, which only the end of the process ends.
        if ($Connection['Writing'].IsCompleted) { $Connection['Input'].Dispose() } else { $process.Kill() }
        # A bridge whose output nobody reads could not end.
        while (-not $Connection['Ended'] -and $clock.ElapsedMilliseconds -lt $TimeoutMs) {
            if ($null -eq $Connection['Reading']) { $Connection['Reading'] = $Connection['Output'].ReadAsync($Connection['Chunk'], 0, $Connection['Chunk'].Length) }
            if (Wait-Stream -Connection $Connection) {
                $Connection['Ended'] = $Connection['Reading'].GetAwaiter().GetResult() -eq 0
                $Connection['Reading'] = $null
            }
        }
        $rest = [int] [Math]::Max(0, $TimeoutMs - $clock.ElapsedMilliseconds)
        if ($process.WaitForExit($rest)) { $exitCode = $process.ExitCode } else { $process.Kill() }
    } catch {
        # A stream that breaks, or a process that ends in this very moment: what counts is that it is gone.
        try { $process.Kill() } catch { $null = $_ }
    }
    # Another command may have disposed of it.
    try { $null = $process.WaitForExit($script:FailedStopTimeoutMs) } catch { $null = $_ }
    $process.Dispose()
    return $exitCode
}

function Stop-FailedBridge {
    # Ends the cmdlet with what is known about a bridge that died or broke the protocol. The next cmdlet starts a new one.
    param([string] $Method, [string] $Reason, $Connection = $script:Connection, [string] $Advice)

    # Amid this command another may have connected anew.
    if ([object]::ReferenceEquals($Connection, $script:Connection)) { $script:Connection = $null }
    $started = $null -ne $connection['Info']
    $silent = $connection['Ended'] -or $connection['Writing'].IsFaulted
    $exitCode = Stop-BridgeProcess -Connection $connection -TimeoutMs $script:FailedStopTimeoutMs
    $clock = [Diagnostics.Stopwatch]::StartNew()
    while ($null -ne $connection['Errors'] -and $clock.ElapsedMilliseconds -lt $script:FailedStopTimeoutMs) {
        Read-ErrorText -Connection $connection
        if ($null -ne $connection['ErrorReading']) { $null = [Threading.Tasks.Task]::WaitAny(@($connection['ErrorReading']), $script:SliceMs) }
    }
    $why = if ($connection['Closed']) { 'another command of this session ended it' }
    elseif ($silent -and $null -ne $exitCode) { "it ended with exit code $exitCode" } else { $Reason }
    $lines = @($connection['ErrorText'].Trim() -split '\r?\n')
    $last = $lines[[Math]::Max(0, $lines.Length - 10)..($lines.Length - 1)] -join [Environment]::NewLine
    if ($last) { $why = "$($why.TrimEnd('.')). Last output: $last" }
    $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -TargetObject $Method `
                -ErrorId $(if ($started) { 'BridgeFailed' } else { 'BridgeStartFailed' }) `
                -Message "The bridge failed during ${Method}: $why" -Category ResourceUnavailable `
                -RecommendedAction $(if ($Advice) { $Advice } elseif ($started) { 'Run the command again: it starts a new bridge. What Windows was doing may continue: see Get-C2RStatus.' }
                    elseif ($script:Settings['SshHost']) { "Install Node 20 or newer and this version of C2RBridge on $($script:Settings.SshHost), or name them with -NodePath and -BridgePath." }
                    else { 'Check the settings given to Connect-C2RBridge, and that NodePath is Node 20 or newer.' })))
}
