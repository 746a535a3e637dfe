using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>Turns values of the model into text of a chart: addresses become names of Services, parameters references into <c>values.yaml</c>.</summary>
/// <param name="owner">The resource whose environment or arguments are written.</param>
internal sealed class PublishedValues(IResource owner)
{
    /// <summary>A value of the chart.</summary>
    /// <param name="Text">What stands in the template.</param>
    /// <param name="Parameter">The parameter, when the value is one and nothing else.</param>
    public readonly record struct Value(string Text, ParameterResource? Parameter = null);

    /// <exception cref="DistributedApplicationException">The value means nothing in a chart.</exception>
    public Value Of(object value, bool isPartOfText = false) => value switch
    {
        string text => new(text),
        bool flag => new(flag ? "true" : "false"),
        EndpointReference endpoint => new(Property(endpoint, EndpointProperty.Url, isPartOfText)),
        EndpointReferenceExpression part => new(Property(part.Endpoint, part.Property, isPartOfText)),
        ParameterResource parameter => new(ReferenceTo(parameter), parameter),
        ReferenceExpression { Format: "{0}", ValueProviders: [var only] } => Of(only, isPartOfText),
        ReferenceExpression expression => new(Fill(expression)),
        ConnectionStringValue connection => Of(connection.Source.ConnectionStringExpression, isPartOfText),
        IResourceWithConnectionString connection => Of(connection.ConnectionStringExpression, isPartOfText),
        IFormattable number => new(number.ToString(null, CultureInfo.InvariantCulture)),
        IResourceBuilder<IResource> builder => throw new DistributedApplicationException(
            $"Resource '{owner.Name}': pass the resource '{builder.Resource.Name}' itself instead of its builder; real Aspire publishes no builders."),
        _ => throw new DistributedApplicationException($"Resource '{owner.Name}': a value of type {value.GetType().Name} cannot be published."),
    };

    private string ReferenceTo(ParameterResource parameter)
        => HelmExpression.Value(parameter.Secret ? HelmExpression.Secrets : HelmExpression.Config, owner.Name, parameter.Name);

    private string Fill(ReferenceExpression expression)
        => string.Format(CultureInfo.InvariantCulture, expression.Format, [.. expression.ValueProviders.Select(part => Of(part, isPartOfText: true).Text)]);

    private static string Property(EndpointReference endpoint, EndpointProperty property, bool isPartOfText)
    {
        var port = PublishedPort.Of(endpoint);
        var host = KubernetesName.Service(endpoint.Resource.Name);
        var exposed = InText(port.Exposed);
        return property switch
        {
            EndpointProperty.Url => $"{port.Scheme}://{host}:{exposed}",
            EndpointProperty.HostAndPort => $"{host}:{exposed}",
            EndpointProperty.Host or EndpointProperty.IPV4Host => host,
            EndpointProperty.Scheme => port.Scheme,
            EndpointProperty.Port => isPartOfText ? exposed : port.Exposed,
            EndpointProperty.TargetPort => isPartOfText ? InText(port.Container) : port.Container,
            _ => throw new DistributedApplicationException($"The {property} of endpoint '{endpoint.EndpointName}' of resource '{endpoint.Resource.Name}' cannot be published."),
        };
    }

    // Within a text a port is text anyway.
    private static string InText(string port) => port.Replace(" | int }}", " }}", StringComparison.Ordinal);
}
