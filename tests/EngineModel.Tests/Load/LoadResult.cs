namespace LlmdAspire.EngineModel.Tests.Load;

/// <summary>What a load generator would have measured, in the model's time.</summary>
internal sealed record LoadResult(double Seconds, int Requests, long OutputTokens, IReadOnlyList<double> FirstTokens, IReadOnlyList<double> PerTokens)
{
    public double OutputTokensPerSecond => OutputTokens / Seconds;

    public double MeanTimeToFirstToken => FirstTokens.Average();

    public double MeanTimePerOutputToken => PerTokens.Average();
}
