namespace LlmdAspire.Router.Workers;

/// <summary>Finds who may get a leg of a request.</summary>
internal static class EligibleWorkers
{
    /// <summary>Three tiers, and the first that has anyone decides: healthy ones; healthy ones that a request failed to reach; ones not probed yet.</summary>
    /// <param name="duty">Prefill takes prefill workers only, everything else takes all others.</param>
    public static Worker[] Of(ReadOnlySpan<Worker> all, string? model, WorkerRole duty)
    {
        for (var tier = 0; tier < 3; tier++)
        {
            var count = 0;
            foreach (var worker in all)
            {
                count += IsInTier(worker, tier, model, duty) ? 1 : 0;
            }

            if (count > 0)
            {
                return Pick(all, tier, model, duty, count);
            }
        }

        return [];
    }

    private static Worker[] Pick(ReadOnlySpan<Worker> all, int tier, string? model, WorkerRole duty, int count)
    {
        var picked = new Worker[count];
        var next = 0;
        foreach (var worker in all)
        {
            // A worker may have changed since it was counted.
            if (next < count && IsInTier(worker, tier, model, duty))
            {
                picked[next++] = worker;
            }
        }

        return next == count ? picked : picked[..next];
    }

    private static bool IsInTier(Worker worker, int tier, string? model, WorkerRole duty)
    {
        if ((worker.Role == WorkerRole.Prefill) != (duty == WorkerRole.Prefill) || (model is not null && worker.Serves(model) == false))
        {
            return false;
        }

        return tier switch
        {
            0 => worker.IsAvailable && !worker.Suspect,
            1 => worker.IsAvailable,
            _ => worker.Health == WorkerHealth.Unknown && !worker.Draining && worker.Breaker.LetsPass,
        };
    }
}
