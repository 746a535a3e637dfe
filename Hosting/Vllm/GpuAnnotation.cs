namespace Aspire.Hosting.ApplicationModel;

/// <summary>GPUs of one engine: how many, and locally which.</summary>
/// <param name="Count">GPUs for one engine process.</param>
/// <param name="Indices">Indices of the workstation's GPUs; empty means any.</param>
internal sealed record GpuAnnotation(int Count, IReadOnlyList<int> Indices) : IResourceAnnotation;
