using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Explain;
using LlmdAspire.Router.Requests;

namespace LlmdAspire.Router.Configuration;

/// <summary>The way of requests under one configuration.</summary>
/// <param name="Preview">Where decisions can be asked for without a request; null in a sidecar.</param>
internal sealed record RequestPath(RequestPathOptions Options, RequestPipeline Pipeline, BodyReader Bodies, DryRun? Preview = null);
