namespace LlmdAspire.Simulator.Lora;

/// <summary>Which adapters ran and were waited for at one moment, as comma-separated names.</summary>
/// <param name="Time">Seconds since 1970.</param>
internal sealed record LoraMoment(string Running, string Waiting, double Time);
