namespace LlmdAspire.Scheduling.Configuration;

/// <summary>Stands for a plugin whose work is done in any case, by the host or by another service.</summary>
internal sealed class ImpliedPlugin
{
    public static readonly ImpliedPlugin Instance = new();
}
