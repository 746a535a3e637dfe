using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>May be referenced by name: the referring resource receives the URLs of its endpoints.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;
