using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.KvEvents;

namespace LlmdAspire.Simulator.Ranks;

/// <summary>One data-parallel rank: an engine of its own behind the port that all ranks share.</summary>
/// <param name="TransferId">What other engines call it when they copy its content.</param>
internal sealed record EngineRank(int Index, Engine Engine, KvEventPublisher? Events, string TransferId);
