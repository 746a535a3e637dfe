using System.Text.Json;
using LlmdAspire.Bench.Datasets;
using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.CommandLine;

internal abstract partial class LoadFlags
{
    private void AddChecks()
    {
        Check(BaseUrl, url => url is null || url.Scheme is "http" or "https" ? null : "must be a URL such as http://127.0.0.1:8000");
        Check(EndpointPath, path => path is null || path.StartsWith('/') ? null : "must begin with a slash");
        Check(BackendName, name => Backend.All.Contains(name) ? null : $"must be one of {string.Join(", ", Backend.All)}");
        Check(Headers, KeyValues.Check);
        Check(Metadata, KeyValues.Check);
        Check(DatasetName, name => DatasetFlags.Contains(name) ? null : $"must be one of {string.Join(", ", DatasetFlags.Names)}");
        Check(NumPrompts, AtLeastOne);
        Check(RandomRangeRatio, text => RangeRatio.TryParse(text, out _) ? null : "must be from 0 up to 1, or an object such as {\"input\":0.1,\"output\":0.5}");
        foreach (var length in new[]
        {
            RandomInputLength, RandomOutputLength, PrefixRepetitionSuffixLength, PrefixRepetitionPrefixes, PrefixRepetitionOutputLength, SharedPrefixGroups,
            SharedPrefixPromptsPerGroup, SharedPrefixQuestionLength, SharedPrefixOutputLength, MultiTurnTurns, MultiTurnInputLength, MultiTurnOutputLength,
        })
        {
            Check(length, AtLeastOne);
        }

        foreach (var length in new[] { RandomPrefixLength, PrefixRepetitionPrefixLength, SharedPrefixSystemPromptLength, MultiTurnSystemPromptLength, Warmups, ReadyCheckTimeout })
        {
            Check(length, value => value < 0 ? "must be at least 0" : null);
        }

        foreach (var length in new[] { InputLength, OutputLength, ShareGptOutputLength, MaxConcurrencyFlag })
        {
            Check(length, value => value is null ? null : AtLeastOne(value.Value));
        }

        Check(CustomOutputLength, value => value is -1 or >= 1 ? null : "must be at least 1, or -1");
        Check(RequestRateText, text => Numbers.Rate(text) is null ? "must be a number above 0, or inf" : null);
        Check(BurstinessText, text => Numbers.Rate(text) is null ? "must be a number above 0" : null);
        Check(RampUpStrategy, name => name is null or Linear or Exponential ? null : $"must be {Linear} or {Exponential}");
        Check(ExtraBody, text => text is null || IsObject(text) ? null : "must be a JSON object such as {\"min_tokens\":10}");
        Check(LoraAssignment, name => name is "random" or RoundRobin ? null : $"must be random or {RoundRobin}");
        Check(PercentileMetrics, text => text.Split(',').FirstOrDefault(name => LatencyMetric.All.All(metric => metric.Key != name)) is { } unknown
            ? $"names '{unknown}', which is none of {string.Join(", ", LatencyMetric.All.Select(metric => metric.Key))}" : null);
        Check(MetricPercentiles, text => Numbers.List(text)?.All(percentile => percentile is >= 0 and <= 100) is true ? null : "must be numbers from 0 to 100 with commas between them");
        Check(GoodputPairs, pairs => Results.Goodput.Read(pairs, out _));
    }

    /// <summary>Mistakes between flags.</summary>
    protected override IEnumerable<string> FindMistakes()
    {
        if (!Endpoint.EndsWith(BackendName == Backend.Chat ? "chat/completions" : "completions", StringComparison.Ordinal)
            || (BackendName != Backend.Chat && Endpoint.EndsWith("chat/completions", StringComparison.Ordinal)))
        {
            yield return $"--endpoint is '{Endpoint}', which is not a path of --backend {BackendName.Value}; leave it out for {Backend.EndpointOf(BackendName)}.";
        }

        if (DatasetFlags.NeedsFile(DatasetName) && string.IsNullOrEmpty(DatasetPath))
        {
            yield return $"--dataset-path is missing; --dataset-name {DatasetName.Value} reads a file.";
        }

        if (!DatasetFlags.NeedsFile(DatasetName) && DatasetPath.IsGiven)
        {
            yield return $"--dataset-path is '{DatasetPath.Value}', but --dataset-name {DatasetName.Value} reads no file; name sharegpt or custom.";
        }

        if (RampUpStrategy.Value is null)
        {
            if (RampUpStart.Value is not null || RampUpEnd.Value is not null)
            {
                yield return $"--ramp-up-strategy is missing; --ramp-up-start-rps and --ramp-up-end-rps need it to be {Linear} or {Exponential}.";
            }

            yield break;
        }

        if (RequestRateText.IsGiven && double.IsFinite(RequestRate))
        {
            yield return "--request-rate cannot stand beside --ramp-up-strategy, which says the rate; leave it out.";
        }

        if (RampUpStart.Value is null || RampUpEnd.Value is null)
        {
            yield return "--ramp-up-strategy needs --ramp-up-start-rps and --ramp-up-end-rps.";
        }
        else if (RampUpStart.Value < 1 || RampUpEnd.Value < RampUpStart.Value)
        {
            yield return $"--ramp-up-start-rps is '{RampUpStart.Value}' and --ramp-up-end-rps is '{RampUpEnd.Value}'; they must be at least 1, and the end not below the start.";
        }
    }

    /// <summary>The mistake of several runs that would write one file over and over.</summary>
    protected IEnumerable<string> FindOverwriting() => SaveResult && !AppendResult && ResultName.IsGiven
        ? ["--result-filename names one file for several runs; add --append-result for a result a line, or leave the name out."] : [];

    private static string? AtLeastOne(int value) => value < 1 ? "must be at least 1" : null;

    private static bool IsObject(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
