# What the release history service said in this session, by endpoint: a completer must not ask at every key.
$script:KnownChannels = @{}

function Register-ContentCompleter {
    # Completes channels, versions and languages of the content cmdlets.
    $content = @{ CommandName = 'Get-C2RFileList', 'Save-C2RContent' }
    Register-ArgumentCompleter @content -ParameterName Channel -ScriptBlock {
        param($commandName, $parameterName, $wordToComplete)
        'Current', 'CurrentPreview', 'MonthlyEnterprise', 'SemiAnnual', 'SemiAnnualPreview', 'BetaChannel',
        'PerpetualVL2019', 'PerpetualVL2021', 'PerpetualVL2024' -like "$wordToComplete*"
    }
    Register-ArgumentCompleter @content -ParameterName Version -ScriptBlock {
        param($commandName, $parameterName, $wordToComplete, $commandAst, $fakeBoundParameters)
        $endpoint = @{}
        if ($fakeBoundParameters.ContainsKey('Endpoint')) { $endpoint.Endpoint = $fakeBoundParameters.Endpoint }
        $key = "$($endpoint.Endpoint)"
        try {
            if (-not $script:KnownChannels.ContainsKey($key)) {
                $script:KnownChannels[$key] = @(Get-C2RChannel @endpoint -WarningAction SilentlyContinue)
            }
        } catch {
            # Without the service there is nothing to complete, which is no reason to disturb whoever types.
            return
        }
        $script:KnownChannels[$key] |
            Where-Object { -not $fakeBoundParameters.ContainsKey('Channel') -or $_.Name -eq $fakeBoundParameters.Channel } |
            ForEach-Object -Process { $_.LatestVersion; $_.Releases | ForEach-Object -MemberName Version } |
            Where-Object { $_ -like "$wordToComplete*" } | Sort-Object -Property { [version] $_ } -Descending -Unique
    }
    # The languages of Microsoft 365 Apps: https://learn.microsoft.com/microsoft-365-apps/deploy/overview-deploying-languages-microsoft-365-apps
    Register-ArgumentCompleter @content -ParameterName Languages -ScriptBlock {
        param($commandName, $parameterName, $wordToComplete)
        'ar-sa', 'bg-bg', 'cs-cz', 'da-dk', 'de-de', 'el-gr', 'en-gb', 'en-us', 'es-es', 'es-mx', 'et-ee', 'fi-fi', 'fr-ca',
        'fr-fr', 'he-il', 'hi-in', 'hr-hr', 'hu-hu', 'id-id', 'it-it', 'ja-jp', 'kk-kz', 'ko-kr', 'lt-lt', 'lv-lv', 'ms-my',
        'nb-no', 'nl-nl', 'pl-pl', 'pt-br', 'pt-pt', 'ro-ro', 'ru-ru', 'sk-sk', 'sl-si', 'sr-latn-rs', 'sv-se', 'th-th',
        'tr-tr', 'uk-ua', 'vi-vn', 'zh-cn', 'zh-tw' -like "$wordToComplete*"
    }
}
