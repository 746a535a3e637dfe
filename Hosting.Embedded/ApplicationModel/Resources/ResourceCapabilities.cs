using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

// Markers: each says which fluent methods apply to a resource, and nothing else.

/// <summary>May be given environment variables and references.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>May be given command line arguments.</summary>
public interface IResourceWithArgs : IResource;

/// <summary>May have endpoints.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>May wait for other resources before it starts.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>Can be deployed to a compute environment.</summary>
public interface IComputeResource : IResource;

/// <summary>May be given probes.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IResourceWithProbes : IResource;
