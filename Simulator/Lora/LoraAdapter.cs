namespace LlmdAspire.Simulator.Lora;

/// <summary>An adapter that requests may name instead of the model.</summary>
/// <param name="Path">Where it was said to be; nothing is read from there.</param>
/// <param name="Id">Its number, from 1 in the order of loading.</param>
/// <param name="Parent">The model it belongs to; null for the served one.</param>
internal sealed record LoraAdapter(string Name, string Path, int Id, string? Parent);
