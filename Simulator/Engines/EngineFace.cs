using System.Text.Json;
using LlmdAspire.Simulator.CommandLine;
using LlmdAspire.Simulator.FakeMetrics;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.Lora;
using LlmdAspire.Simulator.Sleep;

namespace LlmdAspire.Simulator.Engines;

/// <summary>What one engine's HTTP interface knows and its timing model does not: adapters, sleep, invented metrics, limits.</summary>
/// <remarks>Thread-safe. What has a setter may change while requests run.</remarks>
internal sealed class EngineFace
{
    private volatile object? _mostWaiting;
    private volatile object? _cacheHitThreshold;

    public EngineFace(SimulatorFlags flags, TimeProvider time)
    {
        Loras = new LoraRegistry(flags.LoraModules.Value.Select(text => LoraModule.Read(text, out var module) is null ? module : null).OfType<LoraModule>());
        IsLoraEnabled = flags.EnableLora || flags.LoraModules.Value.Length > 0;
        MostLoras = flags.MaxLoras;
        IsSleepEnabled = flags.EnableSleepMode;
        AllowsAutoToolChoice = flags.EnableAutoToolChoice;
        MostLogprobs = flags.MaxLogprobs;
        EmbeddingDimensions = flags.EmbeddingDimensions;
        MostNewTokens = flags.MostNewTokens;
        MostWaiting = flags.MaxWaitingQueueLength.Value is > 0 and var most ? most : null;
        CacheHitThreshold = flags.CacheHitThreshold.Value is > 0 and var share ? share : null;
        Fake = new FakeMetricState(FakeOf(flags.FakeMetricsJson), flags.FakeMetricsRefreshInterval, time);
    }

    /// <summary>Held by whoever changes settings after what they were.</summary>
    public Lock SettingsLock { get; } = new();

    public LoraRegistry Loras { get; }

    public bool IsLoraEnabled { get; }

    /// <summary>Different adapters that run at once.</summary>
    public int MostLoras { get; }

    public bool IsSleepEnabled { get; }

    public SleepState Sleep { get; } = new();

    public FakeMetricState Fake { get; }

    public PodHeaders Pod { get; } = PodHeaders.FromEnvironment();

    /// <summary>Whether a model that was given tools may decide to call them.</summary>
    public bool AllowsAutoToolChoice { get; }

    /// <summary>Likeliest tokens a request may ask for; -1 for all.</summary>
    public int MostLogprobs { get; }

    public int EmbeddingDimensions { get; }

    /// <summary>Bound of every answer's length; null for none.</summary>
    public int? MostNewTokens { get; }

    /// <summary>Sequences that may wait on a rank; null for any number, as in vLLM.</summary>
    public int? MostWaiting
    {
        get => (int?)_mostWaiting;
        set => _mostWaiting = value;
    }

    /// <summary>Share of a prompt that must be cached where the request does not say; null for any.</summary>
    public double? CacheHitThreshold
    {
        get => (double?)_cacheHitThreshold;
        set => _cacheHitThreshold = value;
    }

    private static FakeMetricSet? FakeOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(text);
        return FakeMetricSet.Read(document.RootElement, before: null, out var set) is null ? set : null;
    }
}
