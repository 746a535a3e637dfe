using LlmdAspire.Router.Endpoints;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace LlmdAspire.Router.Configuration;

/// <summary>Which browsers may call the paths that engines answer, as the flags in force say.</summary>
internal sealed class LiveCorsPolicy(Live<RouterFlags> flags) : ICorsPolicyProvider
{
    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) =>
        Task.FromResult(policyName == InferenceEndpoints.CorsPolicy ? Of(flags.Current.CorsAllowedOrigins) : null);

    private static CorsPolicy Of(string[] origins)
    {
        var policy = new CorsPolicyBuilder().AllowAnyHeader().AllowAnyMethod().WithExposedHeaders("x-request-id", "x-llmd-endpoint", "retry-after");
        return (origins is [] or ["*"] ? policy.AllowAnyOrigin() : policy.WithOrigins(origins)).Build();
    }
}
