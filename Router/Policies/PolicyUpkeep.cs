namespace LlmdAspire.Router.Policies;

/// <summary>Lets the policies forget at their intervals.</summary>
internal sealed class PolicyUpkeep(RoutingPolicies policies, TimeProvider time) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(policies.All.OfType<IForgetfulPolicy>().Select(policy => ForgetAsync(policy, stoppingToken)));

    private async Task ForgetAsync(IForgetfulPolicy policy, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(policy.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                policy.Forget();
            }
        }
        catch (OperationCanceledException)
        {
            // The router stops.
        }
    }
}
