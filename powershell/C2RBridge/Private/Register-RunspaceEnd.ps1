function Register-RunspaceEnd {
    # Closes the input of a bridge, which ends it, when this runspace closes. A runspace that closes runs no script any more:
    # what it calls is compiled.
    param($Connection)

    $expression = [Linq.Expressions.Expression]
    $eventType = [Management.Automation.Runspaces.RunspaceStateEventArgs]
    $parameters = [Linq.Expressions.ParameterExpression[]] ($expression::Parameter([object]), $expression::Parameter($eventType))
    $close = $expression::Call($expression::Constant($Connection['Input']), [IO.Stream].GetMethod('Close'))
    $handler = $expression::Lambda([EventHandler`1].MakeGenericType($eventType), $close, $parameters).Compile()
    [runspace]::DefaultRunspace.add_StateChanged($handler)
}
