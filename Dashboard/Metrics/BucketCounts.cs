namespace LlmdAspire.Dashboard.Metrics;

/// <summary>A histogram's observations by bucket; not cumulative, unlike on the wire.</summary>
/// <param name="Bounds">Upper bounds, ascending; the last one is infinity unless the histogram is empty.</param>
/// <param name="Counts">Observations in each bucket, as many as there are bounds.</param>
internal sealed record BucketCounts(double[] Bounds, double[] Counts)
{
    public static BucketCounts Empty { get; } = new([], []);

    public double Total => Counts.Sum();

    /// <summary>From the cumulative counts of <c>_bucket</c> samples: upper bound to count, in any order.</summary>
    public static BucketCounts FromCumulative(IEnumerable<KeyValuePair<double, double>> buckets)
    {
        var ordered = buckets.OrderBy(bucket => bucket.Key).ToArray();
        var counts = new double[ordered.Length];
        for (var i = 0; i < ordered.Length; i++)
        {
            // A torn read may show a lower cumulative count behind a higher one; no bucket holds less than nothing.
            counts[i] = Math.Max(0, ordered[i].Value - (i == 0 ? 0 : ordered[i - 1].Value));
        }

        return new BucketCounts([.. ordered.Select(bucket => bucket.Key)], counts);
    }

    /// <summary>What was observed after <paramref name="earlier"/>.</summary>
    public BucketCounts Since(BucketCounts earlier)
    {
        if (Bounds.Length != earlier.Bounds.Length || !Bounds.AsSpan().SequenceEqual(earlier.Bounds) || Total < earlier.Total)
        {
            // Other bounds or fewer observations: the process restarted, and everything in it now is new.
            return this;
        }

        var counts = new double[Counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Math.Max(0, Counts[i] - earlier.Counts[i]);
        }

        return new BucketCounts(Bounds, counts);
    }

    /// <summary>Both together; bounds may differ, as between engine versions.</summary>
    public BucketCounts Plus(BucketCounts other)
    {
        if (Bounds.AsSpan().SequenceEqual(other.Bounds))
        {
            return new BucketCounts(Bounds, [.. Counts.Zip(other.Counts, (mine, theirs) => mine + theirs)]);
        }

        var sums = new SortedDictionary<double, double>();
        foreach (var (bound, count) in Bounds.Zip(Counts).Concat(other.Bounds.Zip(other.Counts)))
        {
            sums[bound] = sums.GetValueOrDefault(bound) + count;
        }

        return new BucketCounts([.. sums.Keys], [.. sums.Values]);
    }

    /// <summary>The value below which a share of the observations lies, linear within its bucket; null without observations.</summary>
    /// <param name="share">From 0 to 1: 0.5 is the median.</param>
    /// <remarks>An observation above the highest finite bound counts as that bound: more is not known.</remarks>
    public double? Percentile(double share)
    {
        var total = Total;
        if (total <= 0)
        {
            return null;
        }

        var rank = share * total;
        var below = 0.0;
        var lower = 0.0;
        for (var i = 0; i < Counts.Length; i++)
        {
            if (Counts[i] > 0 && below + Counts[i] >= rank)
            {
                return double.IsFinite(Bounds[i]) ? lower + ((Bounds[i] - lower) * (rank - below) / Counts[i]) : lower;
            }

            below += Counts[i];
            lower = double.IsFinite(Bounds[i]) ? Bounds[i] : lower;
        }

        return lower;
    }
}
