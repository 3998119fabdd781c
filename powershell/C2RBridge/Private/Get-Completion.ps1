function Get-Completion {
    # Gives what a parameter of ours can be completed to. ArgumentCompleter attributes call it, which go with the module; what
    # Register-ArgumentCompleter was told would stay in the session.
    param([string] $CommandName, [string] $ParameterName, [string] $WordToComplete, $CommandAst, [Collections.IDictionary] $BoundParameters)

    if ($ParameterName -eq 'Version') {
        return Get-ReleasedVersion -BoundParameters $BoundParameters -WordToComplete $WordToComplete
    }
    $words = switch ($ParameterName) {
        'Method' { Get-BridgeMethodName | Sort-Object }
        'Channel' {
            'Current', 'CurrentPreview', 'MonthlyEnterprise', 'SemiAnnual', 'SemiAnnualPreview', 'BetaChannel',
            'PerpetualVL2019', 'PerpetualVL2021', 'PerpetualVL2024'
        }
        'Arch' { 'x64', 'x86' }
        'Proxy' { 'System' }
        # The languages of Microsoft 365 Apps: https://learn.microsoft.com/microsoft-365-apps/deploy/overview-deploying-languages-microsoft-365-apps
        { $_ -in 'Languages', 'ProofingLanguages' } {
            'ar-sa', 'bg-bg', 'cs-cz', 'da-dk', 'de-de', 'el-gr', 'en-gb', 'en-us', 'es-es', 'es-mx', 'et-ee', 'fi-fi', 'fr-ca',
            'fr-fr', 'he-il', 'hi-in', 'hr-hr', 'hu-hu', 'id-id', 'it-it', 'ja-jp', 'kk-kz', 'ko-kr', 'lt-lt', 'lv-lv', 'ms-my',
            'nb-no', 'nl-nl', 'pl-pl', 'pt-br', 'pt-pt', 'ro-ro', 'ru-ru', 'sk-sk', 'sl-si', 'sr-latn-rs', 'sv-se', 'th-th',
            'tr-tr', 'uk-ua', 'vi-vn', 'zh-cn', 'zh-tw'
        }
        # Only of a bridge that runs: starting one would keep the user waiting.
        { $_ -in 'Name', 'ContentSource' } { if (Test-BridgeAlive) { (Get-C2RContentSource).ContentId } }
    }
    # By ordinal, because in Turkish an i is not a lower-case I. What is typed may begin with a quote.
    $typed = $WordToComplete.TrimStart("'", '"')
    $words | Where-Object -FilterScript { $_.StartsWith($typed, [StringComparison]::OrdinalIgnoreCase) }
}
