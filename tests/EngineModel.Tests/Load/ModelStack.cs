using LlmdAspire.EngineModel.Profiles;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Transfer;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EngineModel.Tests.Load;

/// <summary>Engines on a clock that jumps from event to event, under a closed loop of equal requests; each request to the next rank in turn.</summary>
/// <param name="prefillRanks">Ranks of the prefill engine; 0 when the others prefill too.</param>
/// <param name="ranks">Ranks of the engine that decodes.</param>
internal sealed class ModelStack(EngineProfile profile, Deployment deployment, int prefillRanks, int ranks) : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<Engine> _prefill = [];
    private readonly List<Engine> _decode = [];
    private int _started;

    public void Dispose() => _prefill.Concat(_decode).ToList().ForEach(engine => engine.Dispose());

    public LoadResult Run(int requests, int concurrency, int input, int output)
    {
        _prefill.AddRange(Enumerable.Range(0, prefillRanks).Select(_ => Open()));
        _decode.AddRange(Enumerable.Range(0, ranks).Select(_ => Open()));
        var begin = _time.GetTimestamp();
        var open = Enumerable.Range(0, Math.Min(concurrency, requests)).Select(_ => Start(input, output)).ToList();
        var (first, per) = (new List<double>(), new List<double>());
        while (open.Count > 0 && _time.AdvanceToNext())
        {
            for (var i = open.Count - 1; i >= 0; i--)
            {
                if (!open[i].IsDone())
                {
                    continue;
                }

                first.Add(open[i].FirstTokenSeconds);
                per.Add(open[i].PerTokenSeconds);
                open.RemoveAt(i);
                if (_started < requests)
                {
                    open.Add(Start(input, output));
                }
            }
        }

        return new LoadResult((double)(_time.GetTimestamp() - begin) / TimeSpan.TicksPerSecond, requests, (long)requests * output, first, per);
    }

    private Request Start(int input, int output)
    {
        var number = _started++;
        var decode = _decode[number % _decode.Count];
        var request = new SequenceRequest
        {
            Prompt = [.. Enumerable.Range(number * 7, input)],
            Source = new SentenceSource((ulong)number, endless: true),
            MaxTokens = output,
        };
        return new Request(_time.GetTimestamp(), request, _prefill.Count == 0 ? null : _prefill[number % _prefill.Count], decode, number);
    }

    private Engine Open() => new(
        new EngineOptions
        {
            MaxSequences = profile.DefaultMaxSequences,
            MaxBatchedTokens = profile.DefaultMaxBatchedTokens,
            Blocks = profile.KvBlocks(deployment, 16),
        },
        profile.Timing(deployment),
        _time);

    /// <summary>One request of the loop, in one engine or in two after each other.</summary>
    private sealed class Request
    {
        private readonly long _started;
        private readonly SequenceRequest _request;
        private readonly Engine? _prefill;
        private readonly Engine _decode;
        private readonly string _name;
        private readonly Generation? _firstLeg;
        private Generation? _lastLeg;

        public Request(long started, SequenceRequest request, Engine? prefill, Engine decode, int number)
        {
            (_started, _request, _prefill, _decode, _name) = (started, request, prefill, decode, $"request-{number}");
            _firstLeg = prefill?.Submit([request with { MaxTokens = 1, ExportAs = _name, Source = new SentenceSource(0, endless: true) }]);
            _lastLeg = prefill is null ? decode.Submit([request]) : null;
        }

        public double FirstTokenSeconds => Seconds(_started, Sequence.FirstToken);

        public double PerTokenSeconds => Seconds(Sequence.FirstToken, Sequence.LastToken) / (Sequence.Count - 1);

        private Sequence Sequence => _lastLeg!.Sequences[0];

        public bool IsDone()
        {
            if (_firstLeg is { IsFinished: true } && _lastLeg is null)
            {
                var import = new KvImport(_request.Prompt.Count, () => _prefill!.ReleaseExport(_name));
                _lastLeg = _decode.Submit([_request with { Import = import }]);
            }

            return _lastLeg is { IsFinished: true };
        }

        private static double Seconds(long from, long to) => (double)(to - from) / TimeSpan.TicksPerSecond;
    }
}
