namespace LlmdAspire.Simulator.Failures;

/// <summary>How often and how requests fail on purpose.</summary>
/// <param name="AfterTokens">Tokens of an answer that come out before it stalls or breaks.</param>
internal sealed record FailureSettings(int RatePercent, IReadOnlyList<FailureKind> Kinds, int AfterTokens);

/// <summary>Lets a share of the requests fail.</summary>
/// <remarks>Thread-safe; the settings may change while requests run.</remarks>
internal sealed class FailureInjection(FailureSettings settings, int seed)
{
    private readonly Random _random = new(seed);
    private volatile FailureSettings _settings = settings;

    public FailureSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>The failure of the next request, or null for none.</summary>
    public FailureKind? Draw()
    {
        var settings = _settings;
        if (settings.RatePercent == 0 || settings.Kinds.Count == 0)
        {
            return null;
        }

        lock (_random)
        {
            return _random.Next(100) < settings.RatePercent ? settings.Kinds[_random.Next(settings.Kinds.Count)] : null;
        }
    }
}
