namespace Aspire.Hosting.ApplicationModel;

/// <summary>GPUs that each rank of an engine is split over; absent means one.</summary>
internal sealed record TensorParallelAnnotation(int Size) : IResourceAnnotation;
