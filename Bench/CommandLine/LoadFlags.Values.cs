using System.Globalization;
using System.Text.Json;
using LlmdAspire.Bench.Arrivals;
using LlmdAspire.Bench.Client;
using LlmdAspire.Bench.Datasets;
using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>What the flags say, in the types that the rest of the program uses.</summary>
internal abstract partial class LoadFlags
{
    public bool IsChat => BackendName == Backend.Chat;

    public string Endpoint => EndpointPath.Value ?? Backend.EndpointOf(BackendName);

    public Target Target => TargetAt(BaseUrl.Value?.ToString() ?? $"http://{(Host.Value.Contains(':', StringComparison.Ordinal) ? $"[{Host.Value.Trim('[', ']')}]" : Host.Value)}:{Port.Value}");

    public double RequestRate => Numbers.Rate(RequestRateText)!.Value;

    public double Burstiness => Numbers.Rate(BurstinessText)!.Value;

    public RangeRatio Ratio => RangeRatio.TryParse(RandomRangeRatio, out var ratio) ? ratio : default;

    public RampUp? RampUp => RampUpStrategy.Value is { } strategy ? new RampUp(strategy == Exponential, RampUpStart.Value!.Value, RampUpEnd.Value!.Value) : null;

    public ReportOptions Report => new(
        [.. LatencyMetric.All.Where(metric => PercentileMetrics.Value.Split(',').Contains(metric.Key))],
        Numbers.List(MetricPercentiles)!,
        Results.Goodput.Read(GoodputPairs.Value, out var goodput) is null ? goodput : Results.Goodput.None);

    public ResultFile? File => SaveResult || AppendResult || PlotTimeline ? new ResultFile(ResultFolder, ResultName, AppendResult, SaveDetailed) : null;

    /// <summary>The body of each request.</summary>
    public Payload Payload
    {
        get
        {
            var ignoreEos = IgnoreEos || DatasetFlags.IgnoresEos(DatasetName);
            return IsChat ? Payload.ForChat(ignoreEos, ExtraMembers()) : Payload.ForCompletions(Logprobs, ignoreEos, ExtraMembers());
        }
    }

    /// <summary>The server under test at another address than the flags name.</summary>
    public Target TargetAt(string baseUrl) => new(baseUrl.TrimEnd('/'), Endpoint);

    // The extra body comes last, so that it beats the sampling flags.
    private List<PayloadMember> ExtraMembers()
    {
        var members = new List<PayloadMember>();
        AddNumber("top_p", TopP);
        AddNumber("top_k", TopK.Value);
        AddNumber("min_p", MinP);
        AddNumber("temperature", Temperature);
        AddNumber("frequency_penalty", FrequencyPenalty);
        AddNumber("presence_penalty", PresencePenalty);
        AddNumber("repetition_penalty", RepetitionPenalty);
        if (ExtraBody.Value is { } extra)
        {
            using var json = JsonDocument.Parse(extra);
            members.AddRange(json.RootElement.EnumerateObject().Select(member => new PayloadMember(member.Name, member.Value.GetRawText())));
        }

        return members;

        void AddNumber(string name, double? value)
        {
            if (value is not null)
            {
                members.Add(new PayloadMember(name, value.Value.ToString("R", CultureInfo.InvariantCulture)));
            }
        }
    }
}
