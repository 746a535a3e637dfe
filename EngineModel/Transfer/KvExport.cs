namespace LlmdAspire.EngineModel.Transfer;

/// <summary>KV content that an engine keeps for another one to copy.</summary>
/// <param name="Id">Name under which it is kept.</param>
/// <param name="Tokens">Tokens it covers.</param>
/// <param name="BlockIds">Blocks that hold them.</param>
public sealed record KvExport(string Id, int Tokens, IReadOnlyList<int> BlockIds);
