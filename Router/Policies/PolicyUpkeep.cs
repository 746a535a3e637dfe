namespace LlmdAspire.Router.Policies;

/// <summary>Lets the policies forget at their intervals.</summary>
internal sealed partial class PolicyUpkeep(RoutingPolicies policies, TimeProvider time, ILogger<PolicyUpkeep> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(policies.All.OfType<IForgetfulPolicy>().Select(policy => RunAsync(policy, stoppingToken)));

    private async Task RunAsync(IForgetfulPolicy policy, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(policy.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                Forget(policy);
            }
        }
        catch (OperationCanceledException)
        {
            // The router stops.
        }
    }

    private void Forget(IForgetfulPolicy policy)
    {
        try
        {
            policy.Forget();
        }
        catch (Exception defect)
        {
            // Requests go on; memory is bounded without this too.
            LogDefect(defect, policy.GetType().Name);
        }
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Error, Message = "{Policy} could not forget what is too old; it will try again")]
    private partial void LogDefect(Exception defect, string policy);
}
