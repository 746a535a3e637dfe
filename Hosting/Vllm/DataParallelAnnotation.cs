namespace Aspire.Hosting.ApplicationModel;

/// <summary>Ranks of one engine; absent means one.</summary>
internal sealed record DataParallelAnnotation(int Size) : IResourceAnnotation;
