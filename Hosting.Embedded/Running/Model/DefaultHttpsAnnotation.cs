using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The https endpoint that a published project has because its launch profile has an address.</summary>
internal sealed record DefaultHttpsAnnotation(EndpointAnnotation Endpoint) : IResourceAnnotation;
