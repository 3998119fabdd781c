function Assert-ContentSource {
    # Refuses a registered source together with the pair that it stands for, before anything is asked or done.
    $bound = $PSCmdlet.MyInvocation.BoundParameters
    if (-not $bound.ContainsKey('ContentSource')) { return }
    if ($bound.ContainsKey('DownloadSource') -or $bound.ContainsKey('ContentId')) {
        $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId InvalidParams -Category InvalidArgument -TargetObject $bound.ContentSource `
                    -Message 'ContentSource cannot be combined with DownloadSource or ContentId.' `
                    -RecommendedAction 'Give the name of a registered source, or the pair of a custom BITS manager.'))
    }
}
