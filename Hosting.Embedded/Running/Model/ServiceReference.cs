using System.Collections.Concurrent;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>One resource's reference to the endpoints of another; there is one per pair, however often it is referenced.</summary>
internal sealed class ServiceReference : IResourceAnnotation
{
    private readonly IResourceWithEndpoints _source;
    private readonly ConcurrentDictionary<string, bool> _named = new(ModelName.Comparer);
    private bool _all;

    private ServiceReference(IResourceWithEndpoints source) => _source = source;

    /// <summary>The reference from <paramref name="builder"/>'s resource to <paramref name="source"/>, made on first use.</summary>
    public static ServiceReference From<T>(IResourceBuilder<T> builder, IResourceWithEndpoints source)
        where T : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);

        var reference = builder.Resource.Annotations.OfType<ServiceReference>().FirstOrDefault(r => r._source == source);
        if (reference is null)
        {
            reference = new ServiceReference(source);
            builder.WithAnnotation(reference).WithEnvironment(context => reference.AddTo(context.EnvironmentVariables));
        }

        return reference;
    }

    public void UseAll() => _all = true;

    public void Use(string endpointName) => _named[endpointName] = true;

    /// <summary>Writes <c>services__NAME__SCHEME__INDEX</c> and <c>NAME_ENDPOINT</c> for every endpoint referred to.</summary>
    internal void AddTo(Dictionary<string, object> variables)
    {
        foreach (var endpoint in _source.GetEndpoints())
        {
            if (!_named.ContainsKey(endpoint.EndpointName) && !(_all && !endpoint.EndpointAnnotation.ExcludeReferenceEndpoint))
            {
                continue;
            }

            variables[VariableName.Of(_source.Name, endpoint.EndpointName)] = endpoint;

            // An endpoint with a name of its own is looked up by that name; http and https by scheme.
            var scheme = ModelName.Comparer.Equals(endpoint.EndpointName, "http") || ModelName.Comparer.Equals(endpoint.EndpointName, "https")
                ? endpoint.Scheme
                : endpoint.EndpointName;
            var index = 0;
            while (!variables.TryAdd($"services__{_source.Name}__{scheme}__{index}", endpoint))
            {
                index++;
            }
        }
    }
}
