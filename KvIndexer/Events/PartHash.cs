namespace LlmdAspire.KvIndexer.Events;

/// <summary>Handles for the parts of an engine's block that is a multiple of ours: its last part has the engine's own hash, which children name as parent.</summary>
internal static class PartHash
{
    public static ulong Of(ulong hash, int part, int parts) =>
        part == parts - 1 ? hash : (hash ^ ((ulong)(part + 1) * 0x9E3779B97F4A7C15)) * 0xC2B2AE3D27D4EB4F;
}
