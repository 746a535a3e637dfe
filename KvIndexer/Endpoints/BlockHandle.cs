using LlmdAspire.KvIndexer.Index;

namespace LlmdAspire.KvIndexer.Endpoints;

/// <summary>What an engine's removal names: a block's hash in a tier and a KV-cache group.</summary>
internal readonly record struct BlockHandle(Tier Tier, int Group, ulong Hash);
