using System.Buffers;
using LlmdAspire.Router.Picker;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Forwarding;

/// <summary>What goes to an engine: to whom, as which rank, with which bytes.</summary>
/// <param name="SendsRank">The worker's rank is named; without it the engine chooses one.</param>
/// <param name="Body">Empty for requests without a body; valid as long as the exchange holds its own.</param>
/// <param name="RequestId">The id that the engine sees.</param>
/// <param name="Picked">Header changes that the endpoint picker asked for; null where none was asked.</param>
internal sealed record EngineLeg(Worker Worker, bool SendsRank, ReadOnlySequence<byte> Body, string RequestId, PickedHeaders? Picked)
{
    public int? Rank => SendsRank ? Worker.Id.Rank : null;

    /// <summary>The endpoint as clients read it.</summary>
    public string Endpoint => SendsRank ? Worker.Name : Worker.Id.BaseUrl;
}
