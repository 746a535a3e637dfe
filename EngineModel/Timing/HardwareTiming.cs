using LlmdAspire.EngineModel.Profiles;

namespace LlmdAspire.EngineModel.Timing;

/// <summary>Step times that follow from what the model weighs and what the GPUs can do: a roofline for each kind of work, added up.</summary>
/// <remarks>The reasoning behind each term stands in the README of the profiles.</remarks>
public sealed record HardwareTiming : ITimingModel
{
    private readonly double _stepSeconds;
    private readonly double _sequenceSeconds;
    private readonly double _weightSeconds;
    private readonly double _tokenSeconds;
    private readonly double _headSeconds;
    private readonly double _contextTokenSeconds;
    private readonly double _pairSeconds;
    private readonly double _reduceSeconds;
    private readonly double _reduceTokenSeconds;
    private readonly double _requestSeconds;
    private readonly double _promptTokenSeconds;

    public HardwareTiming(EngineProfile profile, Deployment deployment)
    {
        var (model, gpu, efficiency, overhead) = (profile.Model, profile.Gpu, profile.Efficiency, profile.Overhead);
        var gpus = deployment.TensorParallelSize;
        var bandwidth = gpu.BytesPerSecond * efficiency.Bandwidth;
        var flops = gpu.FlopsAt(profile.WeightBits(deployment)) * efficiency.Compute;
        var wideFlops = gpu.FlopsAt(16) * efficiency.Compute;

        _stepSeconds = overhead.StepSeconds;
        _sequenceSeconds = overhead.SequenceSeconds;
        _requestSeconds = overhead.RequestSeconds;
        _promptTokenSeconds = overhead.PromptTokenSeconds;
        _weightSeconds = profile.StepWeightBytes(deployment) / gpus / bandwidth;
        _tokenSeconds = 2 * model.LayerParameters / gpus / flops;
        _headSeconds = 2 * model.HeadParameters / gpus / wideFlops;
        _contextTokenSeconds = profile.KvBytesPerToken(deployment) / bandwidth;

        // Scores and weighted values: two multiplications and two additions for each head dimension.
        _pairSeconds = 4.0 * model.Heads * model.HeadSize * model.Layers / gpus / wideFlops;
        if (gpus > 1)
        {
            _reduceSeconds = 2 * model.Layers * gpu.LinkLatencySeconds;
            _reduceTokenSeconds = 2 * model.Layers * (2.0 * model.HiddenSize * 2 * (gpus - 1) / gpus) / (gpu.LinkBytesPerSecond * efficiency.Link);
        }

        Transfer = new TransferTimes
        {
            // Each GPU of a group copies its own heads.
            BytesPerToken = profile.KvBytesPerToken(deployment) * gpus,
            BytesPerSecond = profile.Transfer.BytesPerSecond * gpus,
            Overhead = TimeSpan.FromSeconds(profile.Transfer.HandshakeSeconds),
        };
    }

    public bool IsBatched => true;

    public TransferTimes Transfer { get; init; }

    public (TimeSpan Tokenizing, TimeSpan Besides) Intake(int promptTokens) =>
        (TimeSpan.FromSeconds(promptTokens * _promptTokenSeconds), TimeSpan.FromSeconds(_requestSeconds));

    public TimeSpan StepTime(in StepWork work, Random random)
    {
        var multiply = Math.Max(_weightSeconds, (work.Tokens * _tokenSeconds) + (work.Sampled * _headSeconds));
        var attend = (work.ContextTokens * _contextTokenSeconds) + (work.PrefillPairs * _pairSeconds);
        var reduce = _reduceSeconds + (work.Tokens * _reduceTokenSeconds);
        var sequences = work.Sampled * _sequenceSeconds;
        return TimeSpan.FromSeconds(_stepSeconds + sequences + multiply + attend + reduce);
    }
}
