using System.Text.Json;

namespace LlmdAspire.Simulator.Tools;

/// <summary>A function that a request offers.</summary>
/// <param name="Parameters">JSON schema of its arguments; undefined for a function without.</param>
internal sealed record Tool(string Name, JsonElement Parameters);
