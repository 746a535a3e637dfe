namespace LlmdAspire.ServiceDefaults.Tests.Tiny;

/// <summary>Flags of every type that services use.</summary>
internal sealed class TinyFlags : ServiceFlags
{
    public const string ProgramName = "tiny-service";

    public TinyFlags()
        : base(ProgramName, "A service for the tests of ServiceDefaults.", defaultPort: 0)
    {
        WorkerUrls = Define<string[]>("worker-urls", [], "Workers.", "workers");
        Ranks = Define<int[]>("ranks", [], "Ranks.");
        Size = Define("size", 1, "How many.");
        Check(Size, size => size < 1 ? "must be at least 1" : null);
        Ratio = Define("ratio", 0.5, "A share.");
        Loud = Define("loud", false, "Speaks up.");
        Limit = Define<int?>("limit", null, "Upper bound.");
        Color = Define("color", TinyColor.DarkRed, "A color.");
        Window = DefineDuration("window", TimeSpan.FromMilliseconds(40), "A time.", TimeSpan.FromMilliseconds(1));
        SecondPort = DefinePort("second-port", -1 + 1, "A second port; 0 for none.");
        EventsConfig = Define<string?>("events-config", null, "JSON.");
        Fail = Define<string?>("fail", null, "Makes a part of the start fail.");
    }

    public Flag<string[]> WorkerUrls { get; }

    public Flag<int[]> Ranks { get; }

    public Flag<int> Size { get; }

    public Flag<double> Ratio { get; }

    public Flag<bool> Loud { get; }

    public Flag<int?> Limit { get; }

    public Flag<TinyColor> Color { get; }

    public Flag<TimeSpan> Window { get; }

    public Flag<int> SecondPort { get; }

    public Flag<string?> EventsConfig { get; }

    public Flag<string?> Fail { get; }

    protected override IEnumerable<string> FindMistakes() =>
        Size > 5 && Loud ? ["--loud goes with a --size of at most 5."] : [];

    protected override bool AcceptUnknown(string name) => name.StartsWith("--engine-", StringComparison.Ordinal);
}

internal enum TinyColor
{
    DarkRed,
    Blue,
}
