using System.Diagnostics;
using LlmdAspire.Epp.Picking;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Epp.ExtProc;

/// <summary>A request that has a destination and counts as in flight there until it ends. Not thread-safe.</summary>
/// <remarks>Times count from the request's headers.</remarks>
internal sealed class PickedRequest
{
    private readonly EppMetrics _metrics;
    private readonly EngineEndpoint _endpoint;
    private readonly int _tokens;
    private EngineEndpoint? _prefill;
    private bool _isStream;
    private TimeSpan? _firstPiece;
    private TimeSpan _lastPiece;

    /// <param name="sessionTokens">Headers by which the client finds its endpoints again.</param>
    public PickedRequest(PickOutcome outcome, IReadOnlyList<KeyValuePair<string, string>> sessionTokens, EppMetrics metrics, long bodyBytes)
    {
        SessionTokens = sessionTokens;
        _metrics = metrics;
        Labels = metrics.LabelsOf(outcome.Model, outcome.TargetModel);
        _endpoint = outcome.Result!.Best!;
        _prefill = outcome.Result.Prefill;
        _tokens = outcome.Request!.PromptTokens;
        _endpoint.Begin(_tokens);
        _prefill?.Begin(_tokens);
        _metrics.Began(Labels, bodyBytes);
    }

    public IReadOnlyList<KeyValuePair<string, string>> SessionTokens { get; }

    /// <summary>Those of its series.</summary>
    public TagList Labels { get; }

    /// <summary>The answer has begun, so the prompt is computed.</summary>
    public void AnswerBegan(string? contentType)
    {
        EndPrefill();
        _isStream = contentType?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;
    }

    /// <summary>A piece of the answer passed.</summary>
    public void Passed(TimeSpan at)
    {
        if (_firstPiece is null)
        {
            _firstPiece = at;
            if (_isStream)
            {
                _metrics.FirstToken(Labels, at, isStream: true);
            }
        }
        else if (_isStream)
        {
            _metrics.Piece(Labels, at - _lastPiece);
        }

        _lastPiece = at;
    }

    public void Ended(TimeSpan at, long responseBytes, Usage? usage)
    {
        EndPrefill();
        _endpoint.End(_tokens);
        if (_firstPiece is not null && !_isStream)
        {
            _metrics.FirstToken(Labels, at, isStream: false);
        }

        _metrics.Ended(Labels, at, _isStream ? at - _firstPiece : null, responseBytes, usage);
    }

    private void EndPrefill()
    {
        _prefill?.End(_tokens);
        _prefill = null;
    }
}
