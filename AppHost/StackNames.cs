namespace LlmdAspire.AppHost;

/// <summary>Resource names that the presets and what is said about them share.</summary>
internal static class StackNames
{
    public const string Router = "router";
    public const string Dashboard = "dashboard";
    public const string Picker = "epp";
    public const string KvIndexer = "kv-indexer";
}
