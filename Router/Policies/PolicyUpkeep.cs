using System.Runtime.CompilerServices;
using LlmdAspire.Router.Configuration;
using LlmdAspire.Router.Requests;

namespace LlmdAspire.Router.Policies;

/// <summary>Lets the policies in force forget at their intervals.</summary>
internal sealed partial class PolicyUpkeep(Live<RequestPathOptions> options, TimeProvider time, ILogger<PolicyUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    // When each began or last forgot; those that a changed configuration replaced go with it.
    private readonly ConditionalWeakTable<IForgetfulPolicy, StrongBox<long>> _last = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_look, time);
        try
        {
            do
            {
                foreach (var policy in options.Current.Policies.All.OfType<IForgetfulPolicy>())
                {
                    Look(policy);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The router stops.
        }
    }

    private void Look(IForgetfulPolicy policy)
    {
        var last = _last.GetValue(policy, _ => new StrongBox<long>(time.GetTimestamp()));
        if (time.GetElapsedTime(last.Value) < policy.Interval)
        {
            return;
        }

        last.Value = time.GetTimestamp();
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
