namespace LlmdAspire.Bench.Datasets;

/// <summary>A text and how many tokens it has.</summary>
internal sealed record MeasuredText(byte[] Utf8, int Tokens)
{
    public static MeasuredText Empty { get; } = new([], 0);
}
