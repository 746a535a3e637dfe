using LlmdAspire.Hosting.Embedded;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Points at an endpoint of a resource, which may be defined and allocated later.</summary>
public sealed class EndpointReference : IExpressionValue, IValueWithReferences
{
    private EndpointAnnotation? _endpoint;

    public EndpointReference(IResourceWithEndpoints owner, string endpointName)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(endpointName);

        Resource = owner;
        EndpointName = endpointName;
    }

    public EndpointReference(IResourceWithEndpoints owner, EndpointAnnotation endpoint)
        : this(owner, endpoint?.Name!)
        => _endpoint = endpoint;

    public IResourceWithEndpoints Resource { get; }

    public string EndpointName { get; }

    public EndpointAnnotation EndpointAnnotation
        => Find() ?? throw new InvalidOperationException(
            $"Resource '{Resource.Name}' has no endpoint '{EndpointName}'; it has {DescribeEndpoints()}.");

    public bool Exists => Find() is not null;

    public bool IsAllocated => Find()?.AllocatedEndpoint is not null;

    public bool IsHttps => Scheme == "https";

    public bool TlsEnabled => Find()?.TlsEnabled ?? false;

    public string Scheme => EndpointAnnotation.UriScheme;

    public int? TargetPort => EndpointAnnotation.TargetPort;

    /// <summary>Throws before allocation, as do <see cref="Host"/> and <see cref="Url"/>; pass the reference itself where the value is needed later.</summary>
    public int Port => Allocated.Port;

    public string Host => Allocated.Address;

    public string Url => Allocated.UriString;

    string IManifestExpressionProvider.ValueExpression => Property(EndpointProperty.Url).ValueExpression;

    IEnumerable<object> IValueWithReferences.References => [Resource];

    private AllocatedEndpoint Allocated
        => EndpointAnnotation.AllocatedEndpoint ?? throw new InvalidOperationException(
            $"Endpoint '{EndpointName}' of resource '{Resource.Name}' has no address yet; use the reference itself or await its value.");

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
        => Property(EndpointProperty.Url).GetValueAsync(cancellationToken);

    public ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
        => Property(EndpointProperty.Url).GetValueAsync(context, cancellationToken);

    private EndpointAnnotation? Find()
        => _endpoint ??= Resource.Annotations.OfType<EndpointAnnotation>().SingleOrDefault(e => ModelName.Comparer.Equals(e.Name, EndpointName));

    private string DescribeEndpoints()
    {
        var names = Resource.Annotations.OfType<EndpointAnnotation>().Select(e => $"'{e.Name}'").ToArray();
        return names.Length == 0 ? "none" : string.Join(", ", names);
    }
}
