namespace Aspire.Hosting.ApplicationModel;

/// <summary>Marks a resource that is started again when its process ends by itself.</summary>
internal sealed class RestartAnnotation : IResourceAnnotation;
